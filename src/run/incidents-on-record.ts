import { join, resolve } from 'node:path';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Recorded } from '../event/store.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { nearest } from '../kernel/nearest.ts';
import { plural } from '../kernel/plural.ts';
import { recordOf, type IncidentRecord } from '../projection/entries.ts';
import { foldIncidents, isOver } from '../projection/incidents.ts';
import type { IncidentFacts } from '../projection/model.ts';
import { ofType } from '../projection/pick.ts';
import type { Platform } from './platform.ts';

/** An incident that a project has on record, with what people said of it. */
export interface IncidentOnRecord {
  readonly incident: IncidentFacts;
  readonly record: IncidentRecord;
  readonly target: string;
  /** IANA zone of its runbook. */
  readonly zone: string;
}

export interface WhichProject {
  readonly project: string;
  /** Only those of this target. */
  readonly target?: string;
}

export const storeOf = (project: string, cwd: string): string =>
  join(resolve(cwd, project), '.siaga', 'siaga.db');

/**
 * The incidents on record, those that are open first, then the newest. Reads no definition, creates and writes nothing.
 * @throws {SiagaError} `no-project`, `unknown-target` (exit 2), and as `readStore` does.
 */
export function incidentsOnRecord(
  { project, target }: WhichProject,
  { cwd, readStore, projectFiles }: Pick<Platform, 'cwd' | 'readStore' | 'projectFiles'>,
): readonly IncidentOnRecord[] {
  const dir = resolve(cwd, project);
  const holds = projectFiles.list(dir);
  if (
    !['siaga.config.ts', 'runbook.ts'].some((name) => holds.includes(name)) &&
    !projectFiles.exists(`${dir}/.siaga`)
  )
    throw noProject(dir);
  const store = readStore(storeOf(project, cwd));
  try {
    return store === undefined ? [] : foldStore(store, target);
  } finally {
    store?.close();
  }
}

function foldStore(store: Recorded, wanted: string | undefined): readonly IncidentOnRecord[] {
  const targets = [...new Set(store.runs().map(({ target }) => target))];
  if (wanted !== undefined && !targets.includes(wanted)) throw unknownTarget(wanted, targets);
  return targets
    .filter((target) => wanted === undefined || target === wanted)
    .flatMap((target) => {
      const [started] = ofType(store.read({ target, types: ['run.started'], newest: 1 }), 'run.started');
      const zone = started?.data.judge.zone ?? 'UTC';
      return foldTarget(store.read({ target, types: ['incident.transition', 'incident.entry'] })).map(
        (each) => ({
          ...each,
          target,
          zone,
        }),
      );
    })
    .toSorted((a, b) => Number(isOver(a.incident)) - Number(isOver(b.incident)) || openedAt(b) - openedAt(a));
}

const foldTarget = (events: readonly SiagaEvent[]) =>
  foldIncidents(events).map((incident) => ({ incident, record: recordOf(events, incident.id) }));

/** When it was declared, or reopened last, UTC ms. */
export const openedAt = ({ incident }: Pick<IncidentOnRecord, 'incident'>): number =>
  incident.episodes.at(-1)?.opened.at ?? 0;

/**
 * The incident that a person means: the one with that id; without one, the only one that is open and no drill, else the
 * newest that is no drill.
 * @throws {SiagaError} `unknown-incident`, `several-incidents`, `no-incident` (exit 2).
 */
export function meantIncident(rows: readonly IncidentOnRecord[], id: string | undefined): IncidentOnRecord {
  if (id !== undefined) return rows.find(({ incident }) => incident.id === id) ?? unknownIncident(id, rows);
  const real = rows.filter(({ incident }) => !incident.drill);
  const open = real.filter(({ incident }) => !isOver(incident));
  if (open.length > 1) throw severalIncidents(open);
  const meant = open[0] ?? real[0];
  if (meant === undefined) throw noIncident(rows);
  return meant;
}

function unknownIncident(id: string, rows: readonly IncidentOnRecord[]): never {
  const ids = rows.map(({ incident }) => incident.id);
  const close = nearest(id, ids);
  throw new SiagaError('unknown-incident', {
    what: 'there is no such incident on record',
    got: id,
    allowed: ids.slice(0, 5).join(', ') || 'nothing: no incident is on record',
    ...(close !== undefined && { hint: `did you mean ${close}?` }),
    exitCode: exit.usage,
  });
}

function severalIncidents(open: readonly IncidentOnRecord[]): SiagaError {
  return new SiagaError('several-incidents', {
    what: 'several incidents are open: say which one is meant',
    got: 'no id',
    allowed: open.map(({ incident, target }) => `${incident.id} (${target})`).join(', '),
    hint: 'name it with --incident ID, or its target with --target',
    exitCode: exit.usage,
  });
}

function noIncident(rows: readonly IncidentOnRecord[]): SiagaError {
  return new SiagaError('no-incident', {
    what: rows.length === 0 ? 'no incident is on record' : 'only drills are on record',
    got: rows.length === 0 ? 'no incident' : `${plural(rows.length, 'drill')} only`,
    allowed: 'an incident on record, or a drill by its id',
    ...(rows[0] !== undefined && { hint: `the newest drill is ${rows[0].incident.id}` }),
    exitCode: exit.usage,
  });
}

function noProject(dir: string): SiagaError {
  return new SiagaError('no-project', {
    what: 'there is no Siaga project here',
    where: dir,
    got: 'no folder with runbook.ts, siaga.config.ts or .siaga',
    allowed: 'the folder of a project',
    hint: 'name the folder with -C, --project DIR',
    exitCode: exit.usage,
  });
}

function unknownTarget(wanted: string, targets: readonly string[]): SiagaError {
  const close = nearest(wanted, targets);
  return new SiagaError('unknown-target', {
    what: 'no run of this target is on record',
    where: '--target',
    got: wanted,
    allowed: targets.join(', ') || 'nothing: no run is on record',
    ...(close !== undefined && { hint: `did you mean ${close}?` }),
    exitCode: exit.usage,
  });
}
