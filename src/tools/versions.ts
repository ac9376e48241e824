/** Where versions of the tools that Siaga itself uses are pinned or bounded. */
export const versions = {
  k6: { from: '1.7.0', below: '3.0.0', pinned: '1.8.1', module: 'go.k6.io/k6' },
  toxiproxy: {
    from: '2.5.0',
    below: '3.0.0',
    pinned: '2.5.0',
    module: 'github.com/Shopify/toxiproxy/v2/cmd/server',
    versionVariable: 'github.com/Shopify/toxiproxy/v2.Version',
  },
} as const;

export interface VersionRange {
  /** Lowest version that will do. */
  readonly from: string;
  /** First version that will not. */
  readonly below: string;
}

/** `>=1.7.0 <3.0.0`, as people write it. */
export function describeRange({ from, below }: VersionRange): string {
  return `>=${from} <${below}`;
}

/** Whether a version such as `1.8.1` or `18.4` lies in the range. Pre-release suffixes are ignored. */
export function inRange(version: string, { from, below }: VersionRange): boolean {
  return compareVersions(version, from) >= 0 && compareVersions(version, below) < 0;
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version.split(/[.-]/).slice(0, 3).map(Number);
}
