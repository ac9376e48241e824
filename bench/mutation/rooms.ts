/** A part of the code that decides: what is changed in it, and which tests have to notice. */
export interface Room {
  readonly name: string;
  /** All of its files but tests, types and texts. */
  readonly mutate: readonly string[];
  /** Folders of unit tests: its own, and of those who use it most. */
  readonly tests: readonly string[];
}

const room = (name: string, mutate: readonly string[], ...tests: readonly string[]): Room => ({
  name,
  mutate,
  tests,
});

const load = ['verdict', 'judge-*', 'shortage', 'standstill', 'held-back', 'share', 'threshold', 'exit-code'];
const messages = ['facts', 'collect', 'compose', 'digest', 'story', 'updates', 'window', 'routing', 'moment'];
const verdict = ['verdict', 'judging', 'progress', 'permission', 'sight', 'stage', 'stop'];
const proof = ['proof', 'prove', 'fault-kinds', 'ask-around'];
// What only puts parts together, touches the world or shows what was found is left out: README.md.
const run = ['settle', 'select-experiments', 'watch-drills', 'candidate', 'scenario'];

export const rooms: readonly Room[] = [
  room('signal', ['src/signal/*.ts'], 'src/signal', 'src/incident'),
  room('load-verdict', filesOf('src/load', load), 'src/load'),
  room('chaos-proof', [...filesOf('src/chaos', proof), 'src/effect/**/*.ts'], 'src/chaos', 'src/effect'),
  room('chaos-expect', ['src/chaos/expect/*.ts'], 'src/chaos'),
  room(
    'chaos-verdict',
    [...filesOf('src/chaos', verdict), 'src/projection/timings.ts'],
    'src/chaos',
    'src/projection',
  ),
  room('exercise', ['src/exercise/*.ts'], 'src/exercise', 'src/incident'),
  room('messages', filesOf('src/notify', messages), 'src/notify'),
  room('application', filesOf('src/run', run), 'src/run'),
  room('incident', ['src/incident/*.ts'], 'src/incident', 'src/exercise', 'src/signal'),
];

function filesOf(folder: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${folder}/${name}.ts`);
}
