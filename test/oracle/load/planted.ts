import type { Load } from './world.ts';

/** Faults as a judge of loads could have them, made by what it is given: each must be found. */
export const loadPlantings: Readonly<Record<string, (load: Load) => Load>> = {
  'a label of endpoints that is ignored': rewritten((line) => line.replace(/"endpoint":"[^"]*",/, '')),
  'a limit that is over when it is reached': rewritten((line) =>
    line.replace(/("http_req_duration".*"value":100),/, '$1.01,'),
  ),
  'an exception that is dropped': rewritten((line) => (line.includes('ReferenceError') ? '{}' : line)),
  'a hop of a redirect that is an answer': rewritten((line) => line.replace('"siaga_hop":"1",', '')),
  "a wait for a request's turn that is not seen": rewritten((line) => line.replace('siaga_waited', 'waited')),
  'users that hang and are not seen': rewritten((line) => line.replace('siaga_begun', 'begun')),
  'a share of failures that one failure is enough for': (load) => ({
    ...load,
    words: load.words.flatMap((word) => (/"checks".*"value":0,/.test(word.line) ? [word, word] : [word])),
  }),
};

function rewritten(change: (line: string) => string): (load: Load) => Load {
  return (load) => ({ ...load, words: load.words.map((word) => ({ ...word, line: change(word.line) })) });
}
