/** Whose a failed exchange is: the target's, its certificate's, or our own surroundings'. */
export type Blame = 'target' | 'certificate' | 'ours';

const ours = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'ENETUNREACH',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
]);

const certificate =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED/;

/**
 * Judges an error code of Node's. A name that cannot be resolved and a socket that cannot be had say nothing
 * about the target; a certificate that is not trusted is the target's, and says so by name.
 */
export function blameOf(code: string): Blame {
  if (ours.has(code) || code.startsWith('EAI_')) return 'ours';
  return certificate.test(code) ? 'certificate' : 'target';
}
