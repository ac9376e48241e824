/** The project's folder, as far as finding definitions needs it. */
export interface ProjectFiles {
  /** Names of the plain files in a folder, sorted; empty where the folder does not exist. */
  list(folder: string): readonly string[];
  /** Whether the folder itself exists. */
  exists(folder: string): boolean;
  /** Runs what loads a file. Rejects where it rejects, and where it takes longer than 30 s. */
  readonly within: (file: string, load: () => Promise<unknown>) => Promise<unknown>;
}

/** What TypeScript says about definitions. */
export type TypeReport =
  | { readonly state: 'checked'; readonly files: number; readonly errors: readonly TypeFault[] }
  | { readonly state: 'unchecked'; readonly reason: string };

export interface TypeFault {
  /** Relative to the project's folder, with its line: `checks/x.ts:3`. */
  readonly file: string;
  readonly message: string;
}

/** Checks the types of a project's files with the TypeScript that the project itself has; it never brings one. */
export type CheckTypes = (request: {
  readonly dir: string;
  /** Relative to the folder. Run by Node: the runbook, the configuration, checks and experiments. */
  readonly definitions: readonly string[];
  /** Relative to the folder. Run by k6. */
  readonly scenarios: readonly string[];
}) => Promise<readonly TypeReport[]>;
