import fc from 'fast-check';
import { parseArgs } from 'node:util';
import { happened, happenings } from '../test/oracle/count.ts';
import { firstDifference, readable } from '../test/oracle/difference.ts';
import { judgedByOracle } from '../test/oracle/judge.ts';
import { judgedBySiaga } from '../test/oracle/subject.ts';
import { world } from '../test/oracle/world.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, worlds: { type: 'string' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const until = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const worlds = Number(values.worlds ?? (values.minutes === undefined ? 1_000 : Infinity));
const batch = 100;

const counts = new Map(happenings.map((each) => [each, 0]));
let differences = 0;
let done = 0;
for (; done < worlds && Date.now() < until; done += batch) {
  const numRuns = Math.min(batch, worlds - done);
  for (const each of fc.sample(world, { seed: seed + done / batch, numRuns })) {
    const first = await judgedBySiaga(each);
    for (const happening of happened(first)) counts.set(happening, counts.get(happening)! + 1);
    if (firstDifference(first, judgedByOracle(each)) === undefined) continue;
    differences += 1;
    if (differences === 1) process.stdout.write(`${await readable(each)}\n`);
  }
}
process.stdout.write(`worlds ${Math.min(done, worlds)}, differences ${differences}, seed ${seed}\n`);
for (const [happening, count] of counts) process.stdout.write(`${happening.padEnd(12)} ${count}\n`);
process.exitCode = differences === 0 ? 0 : 1;
