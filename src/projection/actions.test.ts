import { describe, expect, it } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import { actionsAt, foldActions } from './actions.ts';
import {
  applied,
  changed,
  declared,
  planned,
  read,
  recovered,
  started,
  tale,
  told,
  unreadable,
} from './testing/tale.ts';

/** What is in force after the last of these. */
function inForce(...drafts: readonly Draft[]): readonly string[] {
  const events = tale([started(), ...drafts]);
  return actionsAt(events, events.length).actions.map(({ name, value, by }) => `${name}=${value} by ${by}`);
}

describe('actions in force', () => {
  it('row 26: toggles of an incident before, restored since, are none of the next incident', () => {
    const events = tale([
      started(),
      changed(1, declared()),
      planned({ CACHE: 'off', LIMIT: '2' }, 'contain'),
      applied({ CACHE: 'off', LIMIT: '2' }, 'contain'),
      read({ CACHE: 'off', LIMIT: '2' }),
      applied({ CACHE: 'on', LIMIT: '4' }, 'restore'),
      read(),
      changed(2, recovered),
      changed(1, declared(), undefined, 'INC-2'),
    ]);
    expect(actionsAt(events, 5).actions.map(({ name }) => name)).toEqual(['CACHE', 'LIMIT']);
    expect(actionsAt(events, 9).actions).toEqual([]);
  });

  it('row 26: what was in force at a transition is told as of then, not as of now', () => {
    const events = tale([
      started(),
      changed(1, declared()),
      told({ 'on-fallback': true }),
      planned({ CACHE: 'off' }, 'contain'),
      read({ CACHE: 'off' }),
    ]);
    expect(actionsAt(events, 2).actions).toEqual([]);
    expect(actionsAt(events, 3).actions).toMatchObject([
      { kind: 'fallback', by: 'system', seq: { from: 3 } },
    ]);
    expect(actionsAt(events, 5).actions).toHaveLength(2);
  });

  it.each<[string, readonly Draft[], readonly string[]]>([
    [
      'what Siaga set and read back',
      [applied({ CACHE: 'off' }, 'contain'), read({ CACHE: 'off' })],
      ['CACHE=off by siaga'],
    ],
    [
      'read back before Siaga has said that it is set',
      [planned({ LIMIT: '2' }, 'contain'), read({ LIMIT: '2' })],
      ['LIMIT=2 by siaga'],
    ],
    [
      'what the system writes its own way',
      [applied({ CACHE: 'false' }, 'contain'), read({ CACHE: ' FALSE' })],
      ['CACHE= FALSE by siaga'],
    ],
    [
      'row 29: a toggle that Siaga did not set is a person’s doing',
      [read(), read({ CACHE: 'off' })],
      ['CACHE=off by person'],
    ],
    [
      'a value other than Siaga’s',
      [applied({ LIMIT: '2' }, 'contain'), read({ LIMIT: '1' })],
      ['LIMIT=1 by person'],
    ],
    [
      'what a person changed after Siaga',
      [applied({ LIMIT: '2' }, 'contain'), read({ LIMIT: '2' }), read({ LIMIT: '1' })],
      ['LIMIT=1 by person'],
    ],
    [
      'what Siaga put back to what it had found',
      [
        applied({ LIMIT: '2' }, 'prepare'),
        read({ LIMIT: '2' }),
        applied({ LIMIT: '3' }, 'restore'),
        read({ LIMIT: '3' }),
      ],
      ['LIMIT=3 by person'],
    ],
    [
      'a person’s doing, where Siaga had set and put back the same before',
      [
        applied({ CACHE: 'off' }, 'contain'),
        read({ CACHE: 'off' }),
        applied({ CACHE: 'on' }, 'restore'),
        read(),
        read({ CACHE: 'off' }),
      ],
      ['CACHE=off by person'],
    ],
    ['nothing that was set but never read back', [applied({ CACHE: 'off' }, 'contain')], []],
    [
      'nothing that only sets the stage of a drill',
      [applied({ CACHE: 'off' }, 'prepare'), read({ CACHE: 'off' })],
      [],
    ],
    [
      'what set the stage, once it is meant against the incident',
      [
        applied({ CACHE: 'off' }, 'prepare'),
        read({ CACHE: 'off' }),
        applied({ CACHE: 'off' }, 'contain'),
        read({ CACHE: 'off' }),
      ],
      ['CACHE=off by siaga'],
    ],
    [
      'what was read last, while nothing can be read',
      [read({ CACHE: 'off' }), unreadable],
      ['CACHE=off by person'],
    ],
    ['the fallback, as the system tells it', [told({ 'on-fallback': true })], ['on-fallback=true by system']],
    ['no fallback that is over', [told({ 'on-fallback': true }), told({ 'on-fallback': false })], []],
    ['no other state', [told({ degraded: true })], []],
  ])('are %s', (_, drafts, expected) => {
    expect(inForce(...drafts)).toEqual(expected);
  });

  it('last from the read that showed them to the one that showed them gone', () => {
    const events = tale([
      started(),
      read({ CACHE: 'off' }),
      read({ CACHE: 'off' }),
      read(),
      read({ CACHE: 'off' }),
    ]);
    expect(foldActions(events).map(({ seq }) => [seq.from, seq.to])).toEqual([
      [2, 4],
      [5, undefined],
    ]);
  });

  it('row 29: that nobody set a toggle is known only where the toggles were read', () => {
    const events = tale([started(), read(), unreadable]);
    expect(events.map(({ seq }) => actionsAt(events, seq).togglesKnown)).toEqual([false, true, false]);
  });
});
