import { shellWord } from '../kernel/printed.ts';
import type { Platform } from './platform.ts';

/** Flags every command that runs something understands. */
export interface RunFlags {
  readonly project: string;
  readonly target?: string;
  readonly json?: true;
  readonly speed?: number;
  readonly output?: string;
  readonly showBodies?: true;
  /** File for the textfile collector of a node exporter. */
  readonly textfile?: string;
}

/** Whether a terminal may show what failed answers said: in a CI its log is for more people, who have to be asked. */
export function showsBodies({
  flags,
  platform,
}: {
  readonly flags: RunFlags;
  readonly platform: Pick<Platform, 'env'>;
}): boolean {
  return flags.showBodies === true || !platform.env['CI'];
}

/** Options of a command line by name, as they were given; `true` for one without a value. */
export type CommandOptions = Readonly<Record<string, string | readonly string[] | true | undefined>>;

/** Options as the words of a command line that a shell reads back. */
export function optionWords(options: CommandOptions): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (value === true) return [name];
    return (typeof value === 'string' ? [value] : value).flatMap((each) => [name, shellWord(each)]);
  });
}
