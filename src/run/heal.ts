import { join, resolve } from 'node:path';
import type { AnyOwnFault } from '../chaos/own-fault.ts';
import { describeLeftover, type LeftUndone, undoAbandoned } from '../chaos/leftovers.ts';
import { faultId } from '../chaos/names.ts';
import type { Leftover, LeftoverUndone } from '../chaos/ports.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { soundProject } from './project.ts';
import { hasUserinfo, isHttp } from '../project/url-shape.ts';
import { withoutUserinfo } from '../kernel/redact.ts';
import { selectTarget, type SelectedTarget } from '../project/select.ts';
import { launcherOf, type ReferenceStatus } from './launcher.ts';
import type { Toggled } from './actuator.ts';
import { faultLines, faultsAsData, faultsExit, undoChanges, type ChangesUndone } from './heal-changes.ts';
import { lookAtToggles, toggleLines, togglesExit, type TogglesUndone } from './heal-toggles.ts';
import type { Platform } from './platform.ts';

export interface HealFlags {
  readonly project: string;
  readonly target?: string;
  readonly toxiproxy?: string;
  readonly run?: string;
  readonly all?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Undoes what a dead run left, now or later, from this checkout or another. */
export async function runHeal(platform: Platform, flags: HealFlags): Promise<ExitCode> {
  const place = await placeOf(flags, platform);
  if (place === undefined) {
    sayNothingRuns(flags, platform, await orphansEnded(flags, platform));
    return exit.passed;
  }
  const healed = await undoInToxiproxy(place, flags, platform);
  record(healed.undone, flags, platform);
  const { toggled, normal, own = [] } = place;
  const { stays } = healed;
  const request = toggled && { target: toggled, own, normal, run: flags.run, ...(stays && { stays }) };
  const changes = request ? await undoChanges(request, platform) : nothing;
  const toggles = request && (await lookAtToggles(changes, request, platform));
  const exits = [exitOf(healed), faultsExit(changes), toggles ? togglesExit(toggles) : exit.passed];
  const exitCode = exits.reduce(worst);
  const lines = [...faultLines(changes), ...(toggled && toggles ? toggleLines(toggles, toggled) : [])];
  platform.stdout(
    flags.json
      ? asJson(healed, { changes, toggles }, place, { exitCode, now: platform.clock.now() })
      : asText(healed, lines, place),
  );
  return exitCode;
}

const nothing: ChangesUndone = { faults: [], toggles: [], ledger: false };

/** Where to heal. Toggles are those of the project's target, and known only where its Toxiproxy was not given. */
interface Place {
  /** Of its Toxiproxy; absent where the target has none. */
  readonly url?: string;
  readonly toggled?: Toggled;
  /** The faults that the project defines. */
  readonly own?: readonly AnyOwnFault[];
  readonly normal: Readonly<Record<string, string>>;
}

/** `undefined` where the reference system does not run: what was in its Toxiproxy went with it. */
async function placeOf(flags: HealFlags, platform: Platform): Promise<Place | undefined> {
  if (flags.toxiproxy !== undefined) return { url: checked(flags.toxiproxy), normal: {} };
  const dir = resolve(platform.cwd, flags.project);
  const project = await soundProject(dir, platform);
  const selected = selectTarget(project.config, flags.target, platform.env);
  const { target, isReference } = selected;
  const launcher = isReference ? await launcherOf(platform) : undefined;
  const status = await launcher?.status(dir);
  const url = status ? status.toxiproxy : target.toxiproxy;
  const normal = Object.fromEntries(
    Object.entries(project.runbook.toggles).map(([name, toggle]) => [name, toggle.normal]),
  );
  if (!url && isReference) return undefined;
  return {
    ...(url && { url: checked(url) }),
    toggled: toggledOf(selected, dir, status, launcher?.adminToken(dir)),
    normal,
    own: project.faults.map(({ value }) => value),
  };
}

/** What dead runs left in the target's Toxiproxy. Without one its events alone say which run may be alive. */
async function undoInToxiproxy({ url }: Place, flags: HealFlags, platform: Platform): Promise<LeftUndone> {
  const { clock, hasEnded } = platform;
  const force = flags.force === true;
  if (url === undefined) return { undone: [], held: [], ...(force && { stays: () => false }) };
  const run = flags.run !== undefined && { run: flags.run };
  return undoAbandoned(platform.faults(url), { ...run, force, now: clock.now(), hasEnded });
}

function toggledOf(
  { target, address, secrets }: SelectedTarget,
  projectDir: string,
  status: ReferenceStatus | undefined,
  bearer: string | undefined,
): Toggled {
  const url = address ?? status?.api ?? '';
  const common = { definition: target, url, secrets, projectDir, isReference: status !== undefined };
  const read = target.toggles?.read;
  if (status === undefined) return { ...common, ...(read && { toggles: read }) };
  if (status.admin === null || bearer === undefined) return common;
  return { ...common, toggles: { url: status.admin, bearer } };
}

const gravity: readonly ExitCode[] = [exit.passed, exit.inconclusive, exit.rollbackFailed];
const worst = (a: ExitCode, b: ExitCode): ExitCode => (gravity.indexOf(a) > gravity.indexOf(b) ? a : b);

// Their Toxiproxy, with whatever faults it held, was among them.
async function orphansEnded(flags: HealFlags, platform: Platform): Promise<boolean> {
  const launcher = await launcherOf(platform);
  return launcher.endOrphans(resolve(platform.cwd, flags.project), (line) => platform.stderr(`${line}\n`));
}

function sayNothingRuns(flags: HealFlags, platform: Platform, ended: boolean): void {
  const envelope = envelopeOf([], {
    command: 'chaos heal',
    exitCode: exit.passed,
    now: platform.clock.now(),
  });
  const json = { ...envelope, toxiproxy: null, undone: [], held: [], faults: [], toggles: null };
  platform.stdout(
    flags.json
      ? `${JSON.stringify(json, null, 2)}\n`
      : ended
        ? 'a reference system ran whose state was deleted: it was ended, and its faults with it\n'
        : 'the reference system does not run: nothing is left\n',
  );
}

function checked(url: string): string {
  if (isHttp(url) && !hasUserinfo(url)) return url;
  throw new SiagaError('bad-url', {
    what: 'this is not the HTTP address of a Toxiproxy',
    where: '--toxiproxy',
    got: withoutUserinfo(url),
    allowed: 'without user and password, such as http://127.0.0.1:8474',
    exitCode: exit.usage,
  });
}

function exitOf({ undone: all, held }: LeftUndone): ExitCode {
  if (all.some(({ undone }) => !undone.done)) return exit.rollbackFailed;
  return held.length > 0 ? exit.inconclusive : exit.passed;
}

const wordsOf = ({ leftover, undone }: LeftoverUndone): string =>
  undone.done
    ? `undone  ${describeLeftover(leftover)}: ${undone.step}`
    : `STUCK   ${describeLeftover(leftover)}: ${undone.tried.join('; ')}`;

const heldWords = (leftover: Leftover): string =>
  `left    ${describeLeftover(leftover)}: its run may be alive; --force undoes it all the same`;

function asText({ undone, held }: LeftUndone, toggles: readonly string[], { url, toggled }: Place): string {
  const lines = [...undone.map(wordsOf), ...held.map(heldWords), ...toggles];
  return `${lines.join('\n') || `nothing of ours is left in ${url ?? toggled?.definition.name}`}\n`;
}

function asJson(
  { undone, held }: LeftUndone,
  { changes, toggles }: { readonly changes: ChangesUndone; readonly toggles: TogglesUndone | undefined },
  { url }: Place,
  ended: { readonly exitCode: ExitCode; readonly now: number },
): string {
  const envelope = envelopeOf([], { command: 'chaos heal', ...ended });
  return `${JSON.stringify({ ...envelope, toxiproxy: url ?? null, undone: undone.map(asData), held, faults: faultsAsData(changes), toggles: toggles ?? null }, null, 2)}\n`;
}

// Its name as earlier versions print it.
const asData = ({ leftover, undone }: LeftoverUndone) => ({
  leftover,
  undone: undone.done ? { done: true, rung: undone.step } : undone,
});

/** Into the ledger of the run that died, where this project keeps it. */
function record(all: readonly LeftoverUndone[], flags: HealFlags, platform: Platform): void {
  const path = join(resolve(platform.cwd, flags.project), '.siaga', 'siaga.db');
  if (all.length === 0 || !platform.projectFiles.exists(resolve(path, '..'))) return;
  const store = platform.openStore(path);
  try {
    for (const { run, target } of store.runs()) {
      const left = all.filter(({ leftover: { owner } }) => owner.run === run);
      if (left.length === 0) continue;
      const journal = store.journal({ run, target, clock: platform.clock, boot: platform.boot });
      for (const { leftover, undone } of left) {
        if (!('toxic' in leftover)) continue;
        const facts = { fault: faultId(leftover.owner), proxy: leftover.proxy };
        if (undone.done)
          journal.append({ type: 'fault.removed', data: { ...facts, by: 'heal', rung: undone.step } });
        else journal.append({ type: 'fault.stuck', data: { ...facts, tried: undone.tried } });
      }
    }
  } finally {
    store.close();
  }
}
