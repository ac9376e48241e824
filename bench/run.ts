// What Siaga itself costs, each figure beside what it is measured against in the same run. Machines differ; ratios less.
import { benchCheck } from './check.ts';
import { benchFold } from './fold.ts';
import { benchLoad } from './load.ts';
import { benchStart } from './start.ts';

console.log('the package, and its start against plain Node making the same ten requests');
console.table(await benchStart());
console.log(
  'siaga check as a whole process, with metrics and toggles, against plain Node making the same thirteen requests',
);
console.table(await benchCheck());
console.log('folding a million samples');
console.table(benchFold());
console.log('siaga load against bare k6');
console.table(await benchLoad());
