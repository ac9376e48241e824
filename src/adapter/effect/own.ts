import type { AnyOwnFault, FaultCommand } from '../../chaos/own-fault.ts';
import type { OwnFaults, OwnFaultsOptions, OwnInjection } from '../../chaos/ports.ts';
import type { Effect, ReadBack, Undone } from '../../effect/contract.ts';
import type { Recipe } from '../../effect/recipe.ts';
import { show } from '../../kernel/nearest.ts';
import { parseDuration } from '../../kernel/duration.ts';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { Json } from '../../kernel/json.ts';
import { isRecord } from '../../kernel/shape.ts';
import { callOwn } from '../own-code.ts';
import { runCommand } from '../toggle-command.ts';

const defaultTimeoutMs = 10_000;

/** Faults that a project defines itself. Whatever their code does, each step ends in time. */
export const ownFaults = (options: OwnFaultsOptions): OwnFaults => ({
  async prepare(injection: OwnInjection): Promise<Effect> {
    const steps = new Steps(injection, options);
    const data = await steps.plan();
    return {
      recipe: steps.recipe(data),
      async inject() {
        await steps.run('inject', data);
        const back = await steps.confirm(data);
        if (back.state === 'as-set') return { confirmed: true, plan: data };
        throw notSet(injection, back.state === 'gone' ? back.why : back.got);
      },
      confirm: () => steps.confirm(data),
      undo: () => steps.undo(data),
    };
  },
});

/** The steps of one fault, each bounded in time. */
class Steps {
  readonly #fault: AnyOwnFault;
  readonly #spec: Json;
  readonly #options: OwnFaultsOptions;
  readonly #timeoutMs: number;

  constructor({ fault: { definition, spec } }: OwnInjection, options: OwnFaultsOptions) {
    this.#fault = definition;
    this.#spec = spec;
    this.#options = options;
    this.#timeoutMs = parseDuration(definition.timeout ?? '') ?? defaultTimeoutMs;
  }

  async plan(): Promise<Json> {
    const { plan } = this.#fault;
    const given: unknown = plan ? await this.#call((signal) => plan(this.#spec, signal)) : this.#spec;
    if (isPlain(given)) return given;
    throw failed(this.#fault.kind, `its plan gave ${show(given)}`, 'plain data, as JSON has it');
  }

  recipe(data: Json): Recipe {
    const { undo, kind } = this.#fault;
    const { dir, files, secrets } = this.#options;
    const timeoutMs = this.#timeoutMs;
    return isCommand(undo)
      ? { replay: 'command', command: undo, cwd: dir, env: given(data), timeoutMs, secrets }
      : { replay: 'module', kind, folder: dir, file: files.get(kind) ?? '', data, timeoutMs };
  }

  /** Rejects where it throws, fails, or does not end in time. */
  async run(name: 'inject' | 'confirm' | 'undo', data: Json): Promise<unknown> {
    const step = this.#fault[name];
    if (isCommand(step)) return this.#command(step, data);
    return this.#call((signal) => step(structuredClone(data), this.#spec, signal));
  }

  async confirm(data: Json): Promise<ReadBack> {
    if (isCommand(this.#fault.confirm)) {
      const no = await this.run('confirm', data).then(() => undefined, messageOf);
      return no === undefined ? { state: 'as-set' } : { state: 'gone', why: `confirm: ${no}` };
    }
    const there = await this.run('confirm', data);
    if (typeof there !== 'boolean')
      throw failed(this.#fault.kind, `its confirm gave ${show(there)}`, 'true or false');
    return there ? { state: 'as-set' } : { state: 'gone', why: 'its own confirm says that it is not there' };
  }

  async undo(data: Json): Promise<Undone> {
    const why = await this.run('undo', data).then(() => undefined, messageOf);
    if (why !== undefined) return { done: false, why: 'other', tried: [`undo: ${why}`] };
    try {
      const { state } = await this.confirm(data);
      return state === 'as-set'
        ? { done: false, why: 'left', tried: ['undo: it is still there, as its own confirm says'] }
        : { done: true, step: 'undone' };
    } catch (error) {
      return { done: false, why: 'other', tried: [`confirm after the undo: ${messageOf(error)}`] };
    }
  }

  #call<T>(call: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    return callOwn({ part: `fault ${this.#fault.kind}`, timeoutMs: this.#timeoutMs }, call);
  }

  #command(command: FaultCommand, data: Json): Promise<void> {
    const { dir: cwd, owner, secrets } = this.#options;
    const env = { ...process.env, ...given(data), SIAGA_OWNER: owner };
    const purpose = `is a step of the fault ${this.#fault.kind}`;
    return runCommand({ command, cwd, env, timeoutMs: this.#timeoutMs, secrets, purpose });
  }
}

const given = (data: Json): Record<string, string> => ({ SIAGA_FAULT: JSON.stringify(data) });

const isCommand = (step: unknown): step is FaultCommand => Array.isArray(step);

/** Whether it survives being written down and read again. */
function isPlain(found: unknown): found is Json {
  if (found === null || typeof found === 'string' || typeof found === 'boolean') return true;
  if (typeof found === 'number') return Number.isFinite(found);
  if (Array.isArray(found)) return found.every(isPlain);
  return (
    isRecord(found) &&
    Object.getPrototypeOf(found) === Object.prototype &&
    Object.values(found).every(isPlain)
  );
}

function failed(kind: string, got: string, allowed: string): SiagaError {
  return new SiagaError('own-fault-failed', {
    what: `the fault ${kind} of this project did not do its part`,
    where: 'faults/',
    got,
    allowed,
    exitCode: exit.inconclusive,
  });
}

function notSet({ fault: { definition } }: OwnInjection, got: string): SiagaError {
  return new SiagaError('fault-not-set', {
    what: `the fault ${definition.kind} was injected and is not there`,
    got,
    exitCode: exit.inconclusive,
  });
}
