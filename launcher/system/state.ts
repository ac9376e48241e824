import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { ProcessId } from '../../src/kernel/ports.ts';
import type { SourceName } from '../../src/tools/types.ts';
import { makePrivateFolder } from '../../src/tools/private.ts';

export const partNames = ['api', 'coinapi', 'okx', 'postgres', 'redis', 'toxiproxy'] as const;
export type PartName = (typeof partNames)[number];

export const proxyNames = ['coinapi', 'okx', 'postgres', 'redis'] as const;
export type ProxyName = (typeof proxyNames)[number];

/** How to tell that a part can be used. */
export type Readiness =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'postgres'; readonly port: number; readonly user: string }
  | { readonly kind: 'redis'; readonly port: number };

/** All that is needed to start a part, so that it can be started again just so. */
export interface PartSpec {
  readonly name: PartName;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly log: string;
  readonly runAs?: { readonly uid: number; readonly gid: number };
  readonly stopSignal: NodeJS.Signals;
  readonly ready: Readiness;
}

export interface Part {
  readonly spec: PartSpec;
  readonly process: ProcessId;
}

export interface Proxy {
  /** `host:port` on which Toxiproxy listens. */
  readonly listen: string;
  /** `host:port` of the real dependency. */
  readonly upstream: string;
}

export interface UsedTool {
  readonly source: SourceName;
  readonly version: string;
  /** A path, a URL without its password, or an image. */
  readonly location: string;
}

/** What is known about a reference system. The file holds secrets and is readable by its owner only. */
export interface ReferenceState {
  readonly schema: 1;
  readonly phase: 'starting' | 'running';
  /** Every part carries it in its environment, so that one that was never written down is found. */
  readonly id: string;
  /** A person's stays until `down`; a command's ends with the last command that uses it. */
  readonly startedFor: 'person' | 'command';
  readonly startedAt: number;
  readonly speed: number;
  readonly api: string;
  readonly toxiproxy: string;
  readonly adminToken: string;
  readonly adminTokenFrom: 'environment' | 'generated';
  readonly proxies: Readonly<Partial<Record<ProxyName, Proxy>>>;
  /** Toggle values for the next start of the API, by the names of the runbook. */
  readonly toggles: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<'postgres' | 'redis' | 'toxiproxy', UsedTool>>;
  readonly parts: Readonly<Partial<Record<PartName, Part>>>;
  /** Address of the Docker engine that some part runs on. */
  readonly engine?: string;
  /** A folder that is removed when the system is stopped. */
  readonly disposable?: string;
}

export function readState(file: string): ReferenceState | undefined {
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as ReferenceState;
    return state.schema === 1 ? state : undefined;
  } catch {
    return undefined;
  }
}

export function writeState(file: string, state: ReferenceState): void {
  writePrivately(file, `${JSON.stringify(state, null, 1)}\n`);
}

/** Writes a file that only its owner can read, whole or not at all. */
export function writePrivately(file: string, text: string): void {
  makePrivateFolder(dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, 'w', 0o600);
  writeSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

export function removeState(file: string): void {
  rmSync(file, { force: true });
}
