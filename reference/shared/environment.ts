/** One thing wrong with the environment: its variable, what was found, and what would have been accepted. */
export interface Problem {
  readonly name: string;
  readonly got: string | undefined;
  readonly allowed: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects every problem, so that a person sees all of them at once. */
export class EnvironmentReader {
  readonly problems: Problem[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: string, fallback?: string): string {
    const found = this.#environment[name] ?? fallback;
    if (found !== undefined && found !== '') return found;
    return this.#refuse(name, 'a non-empty text', '');
  }

  oneOf<const T extends string>(name: string, allowed: readonly [T, ...T[]], fallback?: T): T {
    const found = this.#environment[name] ?? fallback;
    const match = allowed.find((one) => one === found);
    return match ?? this.#refuse(name, allowed.join(' | '), allowed[0]);
  }

  number(name: string, bounds: { min: number; max: number; whole?: boolean }, fallback?: number): number {
    const found = this.#environment[name];
    const value = found === undefined ? fallback : parseNumber(found);
    const fits = value !== undefined && value >= bounds.min && value <= bounds.max;
    if (fits && (bounds.whole !== true || Number.isInteger(value))) return value;
    const kind = bounds.whole === true ? 'a whole number' : 'a number';
    return this.#refuse(name, `${kind} from ${bounds.min} to ${bounds.max}`, bounds.min);
  }

  url(name: string, protocols: readonly string[]): string {
    const found = this.#environment[name];
    const protocol = found !== undefined && URL.canParse(found) ? new URL(found).protocol : undefined;
    if (found !== undefined && protocol !== undefined && protocols.includes(protocol)) return found;
    return this.#refuse(name, `a URL with ${protocols.map((one) => `${one}//`).join(' or ')}`, '');
  }

  port(name: string, fallback?: number): number {
    return this.number(name, { min: 0, max: 65_535, whole: true }, fallback);
  }

  refuse(name: string, allowed: string): void {
    this.#refuse(name, allowed, undefined);
  }

  #refuse<T>(name: string, allowed: string, instead: T): T {
    this.problems.push({ name, got: this.#environment[name], allowed });
    return instead;
  }
}

/** `undefined` for anything that is not a plain decimal number. */
export function parseNumber(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

const secretName = /TOKEN|PASSWORD|SECRET|_URL$/;

/** One line per problem. Values of variables that may hold a secret are not shown. */
export function describeProblem(problem: Problem): string {
  const shown = secretName.test(problem.name) ? 'a value that is not shown' : JSON.stringify(problem.got);
  const got = problem.got === undefined ? 'nothing' : shown;
  return `${problem.name}: got ${got}, allowed is ${problem.allowed}`;
}
