import type { Environment } from '../../load/ports.ts';

// What k6 and Go need of a machine. Everything else stays here: scripts read and print their environment. A proxy of
// the machine's is left out too: what is measured is the target, by the same way as the checks.
const passed = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'SYSTEMROOT',
  'USERPROFILE',
  'APPDATA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SIAGA_OWNER',
];

const hermetic = { K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' };

/** The environment of a k6 process: the machine's own, and what was declared. */
export function environment(declared: Environment): Record<string, string> {
  const own = passed.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(own), ...hermetic, ...declared };
}
