/** A rate-limit policy such as `60;w=60;burst=10`: so many requests in a window of so many seconds, and a burst on top. */
export interface Policy {
  readonly requests: number;
  readonly windowMs: number;
  readonly burst: number;
}

const pattern = /^(\d+);w=(\d+)(?:;burst=(\d+))?$/;

/** A policy as data; `undefined` where the text is not one or its window is empty. */
export function parsePolicy(text: string): Policy | undefined {
  const [, requests, seconds, burst] = pattern.exec(text.replaceAll(' ', '')) ?? [];
  if (requests === undefined || !(Number(seconds) > 0)) return undefined;
  return { requests: Number(requests), windowMs: Number(seconds) * 1_000, burst: Number(burst ?? 0) };
}

/** Requests a policy lets through for good, a second. */
export const sustainedRate = ({ requests, windowMs }: Policy): number => requests / (windowMs / 1_000);
