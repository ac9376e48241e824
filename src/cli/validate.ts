import { relative } from 'node:path';
import type { Command } from 'commander';
import { envelopeOf } from '../export/envelope-of.ts';
import type { ErrorResult } from '../export/envelope.ts';
import { type Diagnostic, formatDiagnostic, isError } from '../kernel/diagnostic.ts';
import { exit } from '../kernel/exit.ts';
import { plural } from '../kernel/plural.ts';
import { environmentFaults } from '../project/environment-faults.ts';
import { meantTarget } from '../project/select.ts';
import type { TypeReport } from '../project/ports.ts';
import type { Project } from '../project/types.ts';
import { speedOption } from './options.ts';
import { readProject } from '../run/project.ts';
import { samplingFaults } from '../run/sampling-plan.ts';
import { printed } from '../kernel/printed.ts';
import type { Platform } from '../run/platform.ts';

interface ValidateFlags {
  readonly project: string;
  readonly target?: string;
  readonly types: boolean;
  readonly speed: number;
  readonly json?: true;
}

type ValidatePlatform = Pick<
  Platform,
  'env' | 'cwd' | 'stdout' | 'clock' | 'outcome' | 'projectFiles' | 'checkTypes' | 'secrets' | 'interrupted'
>;

/** `siaga validate`: everything wrong with the runbook, the configuration and the definitions, at once. */
export function registerValidate(program: Command, platform: ValidatePlatform): void {
  program
    .command('validate')
    .option('-C, --project <dir>', 'folder with runbook.ts and siaga.config.ts', '.')
    .option('--target <name>', 'the target whose variables must be set (default: its default)')
    .addOption(speedOption('also check the plan of sampling with windows divided by n').default(1))
    .option('--no-types', 'skip the type check, which needs TypeScript in the project')
    .option('--json', 'one JSON envelope on stdout')
    .action(async (flags: ValidateFlags) => {
      const findings = await examine(flags, platform);
      platform.outcome.code = findings.diagnostics.some(isError) ? exit.usage : exit.passed;
      platform.stdout(
        flags.json ? `${JSON.stringify(toJson(findings, platform), null, 2)}\n` : render(findings),
      );
    });
}

interface Findings {
  readonly project: Project;
  readonly types: readonly TypeReport[];
  readonly diagnostics: readonly Diagnostic[];
}

async function examine(
  { project: folder, types: wanted, target, speed }: ValidateFlags,
  platform: ValidatePlatform,
): Promise<Findings> {
  const project = await readProject(folder, platform);
  const types = wanted ? await platform.checkTypes({ dir: project.dir, ...filesOf(project) }) : [notWanted];
  const environment =
    project.config === undefined ? [] : environmentFaults(project.config, platform.env, target, project);
  const meant = project.config && meantTarget(project.config, target);
  const diagnostics = [
    ...project.diagnostics,
    ...environment,
    ...samplingFaults(project, meant, speed),
    ...types.flatMap(typeDiagnostics),
  ];
  return { project, types, diagnostics: diagnostics.toSorted(worstFirst) };
}

const notWanted: TypeReport = { state: 'unchecked', reason: '--no-types' };

const worstFirst = (a: Diagnostic, b: Diagnostic): number => Number(isError(b)) - Number(isError(a));

function filesOf({ dir, files, scenarios }: Project): {
  definitions: readonly string[];
  scenarios: readonly string[];
} {
  return { definitions: files, scenarios: scenarios.map(({ path }) => relative(dir, path)) };
}

function typeDiagnostics(report: TypeReport): readonly Diagnostic[] {
  if (report.state === 'unchecked') return [];
  return report.errors.map(({ file, message }) => ({ level: 'error', file, path: '', message }));
}

/** The published envelope, with what only this command tells beside it. */
function toJson({ project, types, diagnostics }: Findings, platform: ValidatePlatform): object {
  const { clock, outcome } = platform;
  const results = diagnostics.filter(isError).map(toResult);
  const envelope = envelopeOf([], { command: 'validate', exitCode: outcome.code, results, now: clock.now() });
  const [first] = results;
  const reason = first === undefined ? '' : `${first.where}: ${first.what}`;
  return {
    ...envelope,
    reason,
    repeat: printed('validate'),
    project: project.dir,
    types,
    diagnostics,
  };
}

const placeOf = ({ file, path }: Diagnostic): string => [file, path].filter(Boolean).join(' ');

function toResult(diagnostic: Diagnostic): ErrorResult {
  const { message, got = null, allowed = null, hint = null } = diagnostic;
  return {
    kind: 'error',
    code: 'invalid-definition',
    what: message,
    where: placeOf(diagnostic),
    got,
    allowed,
    hint,
  };
}

function render({ project, types, diagnostics }: Findings): string {
  const errors = diagnostics.filter(isError).length;
  const lines = [
    ...diagnostics.map(formatDiagnostic),
    ...(diagnostics.length > 0 ? [''] : []),
    inventory(project, errors === 0),
    typesInWords(types),
    `${plural(errors, 'error')}, ${plural(diagnostics.length - errors, 'warning')}`,
  ];
  return `${lines.join('\n')}\n`;
}

// What was read may have faults of its own: only all of it together is sound.
function inventory(
  { runbook, config, checks, experiments, channels, faults, sources, scenarios }: Project,
  sound: boolean,
): string {
  if (runbook === undefined) return 'runbook not usable, see errors';
  const parts = [
    plural(Object.keys(runbook.signals).length, 'signal'),
    plural(Object.keys(runbook.toggles).length, 'toggle'),
    plural(config?.targets.length ?? 0, 'target'),
    plural(checks.length, 'check'),
    plural(scenarios.length, 'scenario'),
    plural(experiments.length, 'experiment'),
    ...(faults.length > 0 ? [plural(faults.length, 'own kind of fault', 'own kinds of faults')] : []),
    ...(channels.length > 0 ? [plural(channels.length, 'own kind of channel', 'own kinds of channels')] : []),
    ...(sources.length > 0 ? [plural(sources.length, 'own source')] : []),
  ];
  return `${sound ? 'usable' : 'found'}: ${parts.join(', ')}`;
}

function typesInWords(reports: readonly TypeReport[]): string {
  const checked = reports.reduce((sum, report) => sum + (report.state === 'checked' ? report.files : 0), 0);
  const reasons = new Set(reports.flatMap((report) => (report.state === 'unchecked' ? [report.reason] : [])));
  const unchecked = [...reasons].map((reason) => `unchecked: ${reason}`);
  return `types: ${[...(checked > 0 ? [`${plural(checked, 'file')} checked`] : []), ...unchecked].join('; ')}`;
}
