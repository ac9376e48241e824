import type { CheckFinished } from '../../src/event/catalogue.ts';
import type { JudgeSpec } from '../../src/event/specs.ts';
import type { Facts } from './facts.ts';

/** The sources that say hard down, each since its first sighting, until something contradicts it. */
export class HardDown {
  readonly #since = new Map<string, number>();
  readonly #declared = new Set<string>();
  readonly #seen: number[] = [];
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** One source may stand for several checks that were refused. */
  get stands(): boolean {
    return this.#since.size > 0;
  }

  get declaredStands(): boolean {
    return this.#declared.size > 0;
  }

  seenIn(from: number, to: number): boolean {
    return this.#seen.some((at) => at >= from && at < to);
  }

  /** What is declared by this answer, or declared anew while it stands, by its name. */
  answered(answer: CheckFinished, at: number): readonly string[] {
    if (answer.outcome === 'inconclusive') return [];
    const found: string[] = [];
    const see = (source: string, name: string, says: boolean | undefined) => {
      if (this.#see(source, at, says)) found.push(name);
    };
    const { tags } = this.#facts.judge.roles ?? {};
    if (answer.tags.includes(tags?.ready ?? 'ready') && answer.status !== undefined)
      see('ready', 'ready', answer.status === 503);
    if (this.#facts.judge.recovery.coreChecks.includes(answer.check))
      see('core', 'core-checks', this.#coreDown());
    see(`refused ${answer.check}`, 'refused', answer.noConnection !== undefined);
    return found;
  }

  gauge(values: readonly number[], at: number): readonly string[] {
    const name = gaugeOf(this.#facts.judge);
    return values.flatMap((value) => (this.#see(name, at, value === 0) ? [name] : []));
  }

  #coreDown(): boolean {
    const { coreChecks } = this.#facts.judge.recovery;
    const newest = coreChecks.map((check) => this.#facts.answers.get(check)?.at(-1)?.facts);
    const none = newest.every((each) => each && isUnanswered(each));
    const wrong = newest.every((each) => each && (isUnanswered(each) || isWrong(each)));
    return none || (coreChecks.length > 1 && wrong);
  }

  #see(source: string, at: number, says: boolean | undefined): boolean {
    if (says !== true) {
      this.#since.delete(source);
      this.#declared.delete(source);
      return false;
    }
    this.#seen.push(at);
    const since = this.#since.get(source) ?? at;
    this.#since.set(source, since);
    if (at - since < this.#facts.judge.hardDown.withinMs) return false;
    this.#declared.add(source);
    return true;
  }
}

/** The gauge that says down. A judge without roles is one from before there were any. */
export const gaugeOf = ({ roles }: JudgeSpec): string =>
  roles === undefined ? 'db.up' : (roles.down?.[0]?.signal ?? '');

const isUnanswered = ({ noAnswer, status }: CheckFinished): boolean =>
  noAnswer === true || (status ?? 0) >= 500;

const isWrong = ({ outcome, slowOnly }: CheckFinished): boolean => outcome === 'failed' && slowOnly !== true;
