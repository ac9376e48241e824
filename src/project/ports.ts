/** The project's folder, as far as finding definitions needs it. */
export interface ProjectFiles {
  /** Names of the plain files in a folder, sorted; empty where the folder does not exist. */
  list(folder: string): readonly string[];
  /** Whether the folder itself exists. */
  exists(folder: string): boolean;
}
