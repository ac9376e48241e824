import { registerHooks } from 'node:module';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { moduleUrl } from '../kernel/place.ts';

// The running CLI's own modules, so that its classes and a project's are the same.
const own: Readonly<Record<string, string>> = {
  siaga: moduleUrl('index').href,
  'siaga/runbook': moduleUrl('runbook/types').href,
};

/** While it is held, `siaga` means the running CLI and the project's `.ts` files are ES modules. */
export interface Hooks extends Disposable {
  /** URL of the project's file that was read last since `forget`: where a syntax error without a place must be. */
  lastRead(): string | undefined;
  forget(): void;
}

/**
 * Without this, a project's `import … from 'siaga'` works only where the package is installed beside it, and its
 * TypeScript is read as CommonJS wherever the nearest package.json says so.
 * @param projectUrl URL of the project's folder, ending in a slash.
 */
export function holdHooks(projectUrl: string): Hooks {
  let last: string | undefined;
  const handle = registerHooks({
    resolve: (specifier, context, next) =>
      isOwn(specifier) ? { url: ownUrl(specifier), shortCircuit: true } : next(specifier, context),
    load: (url, context, next) => {
      if (!url.startsWith(projectUrl) || url.includes('/node_modules/')) return next(url, context);
      last = url;
      return next(url, url.endsWith('.ts') ? { ...context, format: 'module-typescript' } : context);
    },
  });
  return {
    lastRead: () => last,
    forget: () => {
      last = undefined;
    },
    [Symbol.dispose]: () => handle.deregister(),
  };
}

const isOwn = (specifier: string): boolean => specifier === 'siaga' || specifier.startsWith('siaga/');

function ownUrl(specifier: string): string {
  const url = own[specifier];
  if (url !== undefined) return url;
  throw new SiagaError('unknown-import', {
    what: 'Siaga has no such module',
    got: specifier,
    allowed: Object.keys(own).join(', '),
    exitCode: exit.usage,
  });
}
