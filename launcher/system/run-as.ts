import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Postgres refuses to run as root: `nobody` where we are root, ourselves (`undefined`) otherwise. */
export function unprivilegedUser(): User | undefined {
  return process.getuid?.() === 0 ? nobody() : undefined;
}

function nobody(): User {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534) >>> 0, gid: Number(gid ?? 65_534) >>> 0 };
}

/** Whether a user can reach what lies in a folder: every folder above it must let them pass. */
export function canTraverse(folder: string, { uid }: User): boolean {
  const { mode, uid: owner } = statSync(folder);
  const passes = (mode & 0o001) !== 0 || owner === uid;
  const parent = dirname(folder);
  return passes && (parent === folder || canTraverse(parent, { uid, gid: 0 }));
}
