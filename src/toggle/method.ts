/**
 * How the toggles of one system are read and changed, as plain data: the runner hands it to its guard, which must
 * be able to do the same. It may hold a bearer token: never write or print it.
 */
export interface ToggleMethod {
  /** For people: `environment and restart`. */
  readonly via: string;
  /** Answers GET with an object of names and values. */
  readonly read: { readonly url: string; readonly bearer?: string };
  /** Answers 200 when the system can serve; left out where reading the toggles is proof enough. */
  readonly readyUrl?: string;
  readonly ca?: string;
  readonly change: ToggleChange;
  /** From the start of a change until it reads back. */
  readonly timeoutMs: number;
}

export type ToggleChange =
  /** Only read. */
  | { readonly kind: 'none' }
  /** The reference system of this project takes them from its environment, with a restart of its API. */
  | { readonly kind: 'restart'; readonly projectDir: string }
  /** A command of the project, with the toggles in its environment. */
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      readonly cwd: string;
      /** Values that its output must not show. */
      readonly secrets: readonly string[];
    };

/** Where toggles are read, as it may be shown: without query, user and password. */
export function placeOf({ read }: Pick<ToggleMethod, 'read'>): string {
  const { origin, pathname } = new URL(read.url);
  return `${origin}${pathname}`;
}
