import fc from 'fast-check';
import { parseArgs } from 'node:util';
import { happened, happenings } from '../test/oracle/count.ts';
import { firstDifference, readable } from '../test/oracle/difference.ts';
import { judgedByOracle } from '../test/oracle/judge.ts';
import { LoadLook } from '../test/oracle/load/look.ts';
import { judgedBySiaga, type Verdict } from '../test/oracle/subject.ts';
import { world, type World } from '../test/oracle/world.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    worlds: { type: 'string' },
    loads: { type: 'string' },
    seed: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const until = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const endless = values.minutes === undefined ? undefined : Infinity;
const worlds = Number(values.worlds ?? endless ?? (values.loads === undefined ? 1_000 : 0));
const loads = Number(values.loads ?? endless ?? (values.worlds === undefined ? 1_000 : 0));
const looked = new LoadLook(seed);
const batch = 100;
process.stdout.write(`seed ${seed}\n`);

const counts = new Map(happenings.map((each) => [each, 0]));
let differences = 0;
let done = 0;
for (; done < worlds && Date.now() < until; done += batch) {
  const drawn = { seed: seed + done / batch, numRuns: Math.min(batch, worlds - done) };
  const before = differences;
  for (const each of fc.sample(world, drawn)) {
    const verdict = await judgedBySiaga(each);
    for (const happening of happened(verdict)) counts.set(happening, counts.get(happening)! + 1);
    if (!agrees(each, verdict)) differences += 1;
  }
  if (before === 0 && differences > 0) await tellSmallest(drawn);
  await lookAtLoads();
}
while (looked.done < loads && Date.now() < until) await lookAtLoads();
process.stdout.write(`worlds ${Math.min(done, worlds)}, differences ${differences}, seed ${seed}\n`);
for (const [happening, count] of counts) process.stdout.write(`${happening.padEnd(12)} ${count}\n`);
if (looked.done > 0) process.stdout.write(looked.told);
process.exitCode = differences + looked.differences === 0 ? 0 : 1;

async function lookAtLoads(): Promise<void> {
  if (looked.done >= loads) return;
  const told = await looked.next(loads);
  if (told !== undefined) process.stdout.write(`${told}\n`);
}

function agrees(each: World, verdict: Verdict): boolean {
  return firstDifference(verdict, judgedByOracle(each)) === undefined;
}

/** The smallest world like the first one that they differ on. */
async function tellSmallest(drawn: { readonly seed: number; readonly numRuns: number }): Promise<void> {
  const property = fc.asyncProperty(world, async (each) => agrees(each, await judgedBySiaga(each)));
  const { counterexample } = await fc.check(property, drawn);
  if (counterexample) process.stdout.write(`${await readable(counterexample[0])}\nbatch ${drawn.seed}\n`);
}
