import type { Command } from 'commander';
import type { AnyExperiment, FaultPlan } from '../chaos/definition.ts';
import { describeFault } from '../chaos/fault-kinds.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { exit } from '../kernel/exit.ts';
import { soundProject } from '../run/project.ts';
import type { Platform } from '../run/platform.ts';

interface ListFlags {
  readonly project: string;
  readonly json?: true;
}

/** `siaga chaos list`: the experiments of a project, what each breaks and what it believes. */
export function registerList(chaos: Command, platform: Platform): void {
  chaos
    .command('list')
    .description('list the experiments with what each breaks and its hypothesis')
    .option('-C, --project <dir>', 'folder with runbook.ts and siaga.config.ts', '.')
    .option('--json', 'one JSON envelope on stdout')
    .action(async (flags: ListFlags) => {
      const { experiments } = await soundProject(flags.project, platform);
      platform.outcome.code = exit.passed;
      platform.stdout(flags.json ? asJson(experiments, platform) : asText(experiments));
    });
}

function asText(experiments: readonly AnyExperiment[]): string {
  if (experiments.length === 0) return 'no experiments: chaos/ holds none\n';
  return `${experiments.map(inWords).join('\n\n')}\n`;
}

function inWords({ name, title, target, faults, hypothesis, requirements, expects }: AnyExperiment): string {
  return [
    `${name}${title === undefined ? '' : `  ${title}`}`,
    `  target    ${target.name}`,
    ...faults.map((plan) => `  fault     ${faultInWords(plan)}`),
    `  believes  ${hypothesis}`,
    `  expects   ${expects.join(', ') || 'no signal to fire'}`,
    `  for       ${requirements.join(', ') || 'no requirement'}`,
  ].join('\n');
}

function faultInWords(plan: FaultPlan): string {
  const { fault, for: length, until } = plan;
  const { stream, toxicity } = 'proxy' in plan ? plan : {};
  const on = 'proxy' in plan ? [`on ${plan.proxy}`] : 'process' in plan ? [`on ${plan.process}`] : [];
  const time = typeof length === 'string' ? length : `${length.runbook} of the runbook's time`;
  const share = toxicity === undefined || toxicity === 1 ? [] : [`on ${toxicity * 100}% of connections`];
  const end = until === undefined ? [`for ${time}`] : [`for at most ${time}, until ${until}`];
  return [describeFault(fault), ...(stream ? [stream] : []), ...on, ...share, ...end].join(' ');
}

function asJson(experiments: readonly AnyExperiment[], { clock }: Platform): string {
  const listed = experiments.map(
    ({ name, title = null, target, faults, hypothesis, requirements, expects }) => ({
      name,
      title,
      target: target.name,
      faults,
      hypothesis,
      requirements,
      expects,
    }),
  );
  const envelope = envelopeOf([], { command: 'chaos list', exitCode: exit.passed, now: clock.now() });
  return `${JSON.stringify({ ...envelope, experiments: listed }, null, 2)}\n`;
}
