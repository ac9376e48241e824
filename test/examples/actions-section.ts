import { cite, heading, table } from '../../src/report/document/build.ts';
import type { Block, Line } from '../../src/report/document/types.ts';
import type { Report } from '../../src/report/model.ts';
import { zoneTime } from '../../src/report/when.ts';

/** An example of a section: what was in force, since when, until when, and whose doing it was. */
export function actionsSection({ actions, run }: Report): readonly Block[] {
  if (actions.length === 0) return [];
  const { zone } = run.judge;
  const rows = actions.map(({ kind, name, value, by, from, to, seq }): Line[] => [
    [`${kind} ${name}=${value}`],
    [by],
    [zoneTime(from, zone)],
    [to === undefined ? 'still in force' : zoneTime(to, zone)],
    [cite(...Object.values(seq))],
  ]);
  return [heading(2, 'Actions'), table(['What', 'Whose doing', 'From', 'To', 'Events'], rows)];
}
