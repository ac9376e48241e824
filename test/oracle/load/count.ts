import type { Verdict } from './subject.ts';
import type { Load } from './world.ts';

type Seen = (load: Load, verdict: Verdict) => boolean;

const broke =
  (rule: string): Seen =>
  (_, { broken }) =>
    broken.includes(rule);
const said =
  (text: string): Seen =>
  ({ words }) =>
    words.some(({ line }) => line.includes(text));

/** What must have happened often enough in so many loads for their agreement to mean anything. */
const happenings = {
  passed: (_, { outcome }) => outcome === 'passed',
  failed: (_, { outcome }) => outcome === 'failed',
  inconclusive: (_, { outcome }) => outcome === 'inconclusive',
  'over a limit of the runbook': ({ end }, { broken }) => end.code !== 99 && broken.includes('threshold'),
  'threshold of the script crossed': ({ end }) => end.code === 99,
  'threshold without samples': broke('threshold-without-samples'),
  'check failed': broke('check-failed'),
  'WebSocket refused': broke('websocket-refused'),
  exception: broke('k6-exception'),
  'error of k6': broke('k6-error'),
  'users hang': broke('unfinished-iterations'),
  'cut short': (_, { broken, figures }) =>
    figures['unfinished'] !== 0 && !broken.includes('unfinished-iterations'),
  'no whole iteration': broke('no-iterations'),
  dropped: broke('dropped-iterations'),
  'rate not achieved': broke('rate-not-achieved'),
  redirected: said('siaga_redirected'),
  'redirected for ever': said('siaga_endless'),
  'redirected to another origin': said('siaga_to'),
  'too many redirected elsewhere': broke('redirected-elsewhere'),
  'another origin failed': broke('other-origin-failed'),
  throttled: broke('throttled'),
  'too few': broke('too-few-samples'),
  'endpoint not asked': broke('endpoint-without-samples'),
  'nothing measured': broke('no-samples'),
  'stood still': broke('generator-stood-still'),
  'busy generator': broke('generator-cpu'),
  'held back': broke('held-back'),
  'waited for its turn': said('siaga_waited'),
  'short of CPU': broke('generator-short-of-cpu'),
  killed: broke('k6-killed'),
  'other exit codes': ({ plot }) => plot.ending === 'exit',
  observed: ({ observed }) => observed,
  stopped: ({ ours }) => ours?.how === 'stopped',
  interrupted: ({ ours }) => ours?.how === 'interrupted',
} satisfies Readonly<Record<string, Seen>>;

export type LoadHappening = keyof typeof happenings;
export const loadHappenings = Object.keys(happenings) as readonly LoadHappening[];

/** Which of them happened in a load. */
export function happenedIn(load: Load, verdict: Verdict): readonly LoadHappening[] {
  return loadHappenings.filter((each) => (happenings[each] as Seen)(load, verdict));
}
