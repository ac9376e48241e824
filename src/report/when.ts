import { localTime } from '../kernel/zone.ts';

/** `2026-09-13 03:42:05`. */
export function utcDateTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** `03:42:05`, UTC. */
export function utcTime(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** `10:42:05`, in the zone of the runbook; the label stands in the table's head. */
export function zoneTime(at: number, zone: string): string {
  return localTime(at, zone).time;
}

/** `2026-09-13 10:42:05 WIB`. */
export function zoneDateTime(at: number, zone: string): string {
  const { date, time, label } = localTime(at, zone);
  return `${date} ${time} ${label}`;
}

/** `WIB`. */
export function zoneLabel(at: number, zone: string): string {
  return localTime(at, zone).label;
}

/** Heads of the columns that say when: the runbook's zone and UTC, once where they are the same. */
export function clocks(at: number, zone: string): readonly string[] {
  return zone === 'UTC' ? ['UTC'] : [zoneLabel(at, zone), 'UTC'];
}

export function clockCells(at: number, zone: string): readonly [string][] {
  return zone === 'UTC' ? [[utcTime(at)]] : [[zoneTime(at, zone)], [utcTime(at)]];
}
