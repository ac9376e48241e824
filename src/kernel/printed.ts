/** How this program is called where it runs, and on which project and target. */
export interface Here {
  /** `npx siaga`. */
  readonly called: string;
  readonly project?: string | undefined;
  readonly target?: string | undefined;
  /** The address that `SIAGA_TARGET_URL` gave the target, where it is another than its own. */
  readonly address?: string | undefined;
}

/** The words that call this program for a target at that address. */
export const calledAt = (called: string, address: string | undefined): string =>
  address === undefined ? called : `SIAGA_TARGET_URL=${shellWord(address)} ${called}`;

// Commands that work on a target; the others know none.
const aimed = /^(?:check|gate|load|gameday|validate|chaos (?:run|heal))\b/;

/** A command that does there what its words say: `npm run -s siaga -- chaos heal -C shop --target staging`. */
export function commandLine({ called, project, target, address }: Here, words: string): string {
  const isPlaced = /\s(?:-C|--project)\b/.test(words);
  return [
    aimed.test(words) ? calledAt(called, address) : called,
    words,
    ...(project === undefined || isPlaced || words.startsWith('--') ? [] : ['-C', shellWord(project)]),
    ...(target === undefined || !aimed.test(words) ? [] : ['--target', shellWord(target)]),
  ].join(' ');
}

/** Project and target as they were given on a command line; the last word counts. */
export function placeIn(argv: readonly string[]): Pick<Here, 'project' | 'target'> {
  const given = (...names: readonly string[]) =>
    argv.flatMap((word, index) => {
      const name = names.find(
        (each) => word === each || word.startsWith(each.startsWith('--') ? `${each}=` : each),
      );
      if (name === undefined) return [];
      return word === name ? (argv[index + 1] ?? []) : word.slice(name.length).replace(/^=/, '');
    });
  return { project: given('-C', '--project').at(-1), target: given('--target').at(-1) };
}

/** Text of a command line as the words that a shell reads. */
export function shellWords(text: string): readonly string[] {
  const words = text.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|\\(')/g, '$1$2'));
}

let here: Here | undefined;

/**
 * Says how this process was called, for every command that it prints: once, when it begins.
 * @throws {Error} where that was said before: a text must not depend on when it was made.
 */
export function calledHere(given: Here): void {
  if (here !== undefined) throw new Error('how this process was called is said once');
  here = given;
}

/** A command as it runs where this process was called; `siaga …` where nobody said how that was. */
export const printed = (words: string): string => commandLine(here ?? { called: 'siaga' }, words);

/** A word as a shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
