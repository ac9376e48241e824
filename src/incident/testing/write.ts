import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import { createEngine } from '../engine.ts';
import { changesOf, origin, started } from './play.ts';

/** Writes drafts at given seconds after the origin to a fresh engine, with what it derives from them. */
export function write(
  entries: readonly (readonly [second: number, draft: Draft])[],
  { spec, drill = false }: { readonly spec?: JudgeSpec; readonly drill?: boolean } = {},
) {
  const engine = createEngine();
  const log: SiagaEvent[] = [];
  const append = (draft: Draft, at: number) => {
    const event = { v: 1, seq: log.length + 1, run: 'r', at, mono: at, boot: 'b', ...draft } as SiagaEvent;
    log.push(event);
    for (const derived of engine.step(event)) append(derived, at);
  };
  append(started(drill, spec), origin);
  for (const [second, draft] of entries) append(draft, origin + second * 1_000);
  const changes = changesOf(log);
  return {
    log,
    changes,
    engine,
    /** Kind and, where one fired, its signal; with `to` where it got worse. */
    told: changes.map(({ change }) => {
      const by = 'by' in change ? ` ${change.by.signal}` : '';
      return `${change.kind}${by}${change.kind === 'worsened' ? ` to ${change.to}` : ''}`;
    }),
    of: <T extends SiagaEvent['type']>(type: T) => log.filter((event) => event.type === type),
  };
}
