import { dirname, resolve } from 'node:path';
import type { ResultEnvelope } from '../export/envelope.ts';
import { gaugesOf } from '../export/gauges.ts';
import { messageOf, SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import type { RunFlags } from './flags.ts';
import type { Platform } from './platform.ts';

/**
 * Refuses what a collector would never read, before anything is measured.
 * @throws {SiagaError} `textfile` (exit 2).
 */
export function requireTextfile(
  { textfile }: Pick<RunFlags, 'textfile'>,
  { cwd, projectFiles }: Pick<Platform, 'cwd' | 'projectFiles'>,
): void {
  if (textfile === undefined) return;
  const folder = dirname(resolve(cwd, textfile));
  if (!textfile.endsWith('.prom')) throw unread(textfile, 'a file that ends in .prom');
  if (!projectFiles.exists(folder)) throw unread(`${folder}, which is no folder`, 'a folder that exists');
}

function unread(got: string, allowed: string): SiagaError {
  return new SiagaError('textfile', {
    what: 'no node exporter would read this file',
    where: '--textfile',
    got,
    allowed,
    hint: 'the collector reads *.prom in the folder that --collector.textfile.directory names',
    exitCode: exit.usage,
  });
}

/** The figures of a round, where they are asked for. That they cannot be written never changes a verdict. */
export async function writeGauges(
  { textfile }: Pick<RunFlags, 'textfile'>,
  envelope: ResultEnvelope,
  { cwd, stderr, writeTextfile }: Pick<Platform, 'cwd' | 'stderr' | 'writeTextfile'>,
): Promise<void> {
  if (textfile === undefined) return;
  try {
    await writeTextfile(resolve(cwd, textfile), gaugesOf(envelope));
  } catch (error) {
    stderr(`siaga: ${textfile} could not be written: ${messageOf(error)}\n`);
  }
}
