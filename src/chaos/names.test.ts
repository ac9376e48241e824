import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOf, parseName, parseUpstream, slug, takeoverProxy, upstreamOf } from './names.ts';
import type { Part } from './names.ts';

describe('the name of a toxic', () => {
  it.each<[string, Part]>([
    ['siaga.7f3k.2.1767225600000', 'whole'],
    ['siaga.7f3k.2.1767225600000.upstream', 'upstream'],
    ['siaga.7f3k.2.1767225600000.disabled', 'disabled'],
  ])('%s says whose it is and until when', (name, part) => {
    const owner = { run: '7f3k', n: 2, expiresAt: 1_767_225_600_000 };
    expect(nameOf(owner, part)).toBe(name);
    expect(parseName(name)).toEqual({ ...owner, part });
  });

  it.each([
    'latency_downstream',
    'siaga',
    'siaga.lease',
    'siaga.run.x.1767225600000',
    'siaga.run.1.1767225600000.sideways',
    'xsiaga.run.1.1767225600000',
    'siaga.run.1.1767225600000 ',
  ])('%j is not ours', (name) => {
    expect(parseName(name)).toBeUndefined();
  });

  it('comes back whatever the run is called', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(999_999), fc.nat(), (run, n, expiresAt) => {
        expect(parseName(nameOf({ run, n, expiresAt }, 'whole'))).toEqual({
          run: slug(run),
          n,
          expiresAt,
          part: 'whole',
        });
      }),
    );
  });
});

describe('the lease', () => {
  const holder = { run: '7f3k', expiresAt: 1_767_225_600_000 };

  it('carries its holder in an address that leads nowhere', () => {
    expect(upstreamOf(holder)).toBe('run-7f3k.until-1767225600000.siaga.invalid:1');
    expect(parseUpstream(upstreamOf(holder))).toEqual(holder);
    expect(parseUpstream('127.0.0.1:5432')).toBeUndefined();
  });

  it('carries the experiment and the processes that hold it', () => {
    const processes = [
      { machine: '0a1b2c', pid: 4_242, startTime: '987654' },
      { machine: '0a1b2c', pid: 4_243, startTime: '' },
    ];
    const whole = { ...holder, experiment: 'provider-down', processes };
    expect(parseUpstream(upstreamOf(whole))).toEqual(whole);
  });

  it('is taken over under a name of its own', () => {
    expect(takeoverProxy(holder)).not.toBe(takeoverProxy({ ...holder, expiresAt: holder.expiresAt + 1 }));
  });
});
