// A checkout has sources in rooms; a package has bundles, all in one folder, and beside them declarations in rooms.
const isBundle = !import.meta.url.endsWith('.ts');
const home = new URL(isBundle ? './' : '../', import.meta.url);

/** Root of the checkout, or of the installed package. */
export const packageUrl = new URL('../', home);

/** A module of ours that is started or imported by address, such as `guard`: its source, or its bundle. */
export function moduleUrl(name: string): URL {
  return new URL(`${name}.${isBundle ? 'js' : 'ts'}`, home);
}

/** The types of a module of ours: its source, or its declarations. */
export function typesUrl(name: string): URL {
  return new URL(`${name}.${isBundle ? 'd.ts' : 'ts'}`, home);
}

/** The folder that all of our modules lie in. */
export const homeUrl = home;
