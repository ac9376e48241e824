/** How k6 says by its exit code that a run ended. */
export interface ExitMeaning {
  /** Kebab-case, for programs. */
  readonly name: string;
  readonly says: string;
  /** Whether the run measured what it should have. */
  readonly run: 'complete' | 'failed' | 'broken';
}

const meanings: Readonly<Record<number, ExitMeaning>> = {
  0: { name: 'ok', says: 'k6 ended by itself', run: 'complete' },
  97: { name: 'cloud-failed', says: 'a cloud run failed', run: 'broken' },
  98: { name: 'cloud-unreachable', says: 'the cloud could not be asked', run: 'broken' },
  99: { name: 'threshold', says: 'a threshold was crossed', run: 'failed' },
  100: { name: 'setup-timeout', says: 'setup() took too long', run: 'failed' },
  101: { name: 'teardown-timeout', says: 'teardown() took too long', run: 'failed' },
  102: { name: 'timeout', says: 'k6 ran into a timeout of its own', run: 'failed' },
  103: { name: 'stopped', says: 'somebody stopped k6 over its REST address', run: 'broken' },
  104: { name: 'invalid-config', says: 'k6 refuses the configuration', run: 'broken' },
  105: { name: 'signalled', says: 'somebody sent k6 a signal', run: 'broken' },
  106: { name: 'rest-port-taken', says: "k6's REST address is taken", run: 'broken' },
  107: { name: 'script-exception', says: 'init, setup or teardown threw an exception', run: 'failed' },
  108: { name: 'aborted', says: 'the script called test.abort()', run: 'failed' },
  109: { name: 'panic', says: 'k6 itself crashed', run: 'broken' },
  110: { name: 'marked-failed', says: 'the script called test.fail()', run: 'failed' },
};

/** What an exit code of k6 means; `null` is a death by signal. */
export function exitMeaning(code: number | null): ExitMeaning {
  if (code === null) return { name: 'killed', says: 'k6 was killed', run: 'broken' };
  return meanings[code] ?? { name: 'unknown-exit', says: `k6 ended with code ${code}`, run: 'broken' };
}
