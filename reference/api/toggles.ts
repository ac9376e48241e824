import { formatPolicy, parsePolicy } from './limits/policy.ts';
import { parseNumber } from '../shared/environment.ts';
import type { Environment, Problem } from '../shared/environment.ts';
import type { RateLimitPolicy } from './limits/policy.ts';

export type ToggleName =
  | 'FEATURE_COINAPI_ENABLED'
  | 'FALLBACK_PROVIDER'
  | 'FEATURE_DEGRADED_MODE'
  | 'SCREENER_MAX_CONCURRENCY'
  | 'SCREENER_TTL_SECONDS'
  | 'RATE_LIMIT_POLICY'
  | 'FALLBACK_ENABLED';

export type ToggleTexts = Readonly<Record<ToggleName, string>>;

/** The toggles as the code uses them. */
export interface Toggles {
  readonly coinapiEnabled: boolean;
  readonly fallbackProvider: 'okx' | 'cache';
  readonly degradedMode: boolean;
  readonly screenerMaxConcurrency: number;
  readonly screenerTtlSeconds: number;
  readonly rateLimitPolicy: RateLimitPolicy;
  readonly fallbackEnabled: boolean;
}

interface Rule {
  readonly normal: string;
  readonly allowed: string;
  /** The canonical text, or undefined for what is not allowed. */
  readonly accept: (text: string) => string | undefined;
}

const flag = (normal: 'true' | 'false'): Rule => oneOf(['true', 'false'], normal);

function oneOf(values: readonly string[], normal: string): Rule {
  const accept = (text: string): string | undefined => values.find((value) => value === text);
  return { normal, allowed: values.join(' | '), accept };
}

function wholeNumber(min: number, max: number, normal: string): Rule {
  const accept = (text: string): string | undefined => {
    const value = parseNumber(text);
    const fits = value !== undefined && Number.isInteger(value) && value >= min && value <= max;
    return fits ? String(value) : undefined;
  };
  return { normal, allowed: `a whole number from ${min} to ${max}`, accept };
}

const policy: Rule = {
  normal: '60;w=60;burst=10',
  allowed: 'LIMIT;w=SECONDS;burst=COUNT in whole numbers from 1, burst not above the limit',
  accept(text) {
    const parsed = parsePolicy(text);
    return parsed === undefined ? undefined : formatPolicy(parsed);
  },
};

const rules: Readonly<Record<ToggleName, Rule>> = {
  FEATURE_COINAPI_ENABLED: flag('true'),
  FALLBACK_PROVIDER: oneOf(['okx', 'cache'], 'okx'),
  FEATURE_DEGRADED_MODE: flag('false'),
  SCREENER_MAX_CONCURRENCY: wholeNumber(2, 8, '4'),
  SCREENER_TTL_SECONDS: wholeNumber(60, 120, '60'),
  RATE_LIMIT_POLICY: policy,
  FALLBACK_ENABLED: flag('true'),
};

export const toggleNames = Object.keys(rules) as readonly ToggleName[];

export type ToggleChange =
  | { readonly kind: 'changed'; readonly texts: ToggleTexts }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** Each toggle from its variable, or its normal value where the variable is missing. */
export function togglesFrom(environment: Environment): ToggleChange {
  const normal = Object.fromEntries(toggleNames.map((name) => [name, rules[name].normal])) as ToggleTexts;
  const given = toggleNames.filter((name) => environment[name] !== undefined);
  return changeToggles(normal, Object.fromEntries(given.map((name) => [name, environment[name]])));
}

/** Applies all of a change or none of it. Unknown names and values that are not texts are problems too. */
export function changeToggles(texts: ToggleTexts, change: Readonly<Record<string, unknown>>): ToggleChange {
  const problems: Problem[] = [];
  const accepted: Partial<Record<ToggleName, string>> = {};
  for (const [name, value] of Object.entries(change)) {
    const known = toggleNames.find((one) => one === name);
    const text = known !== undefined && typeof value === 'string' ? rules[known].accept(value) : undefined;
    if (known !== undefined && text !== undefined) accepted[known] = text;
    else problems.push({ name, got: shown(value), allowed: allowedFor(known) });
  }
  return problems.length > 0
    ? { kind: 'refused', problems }
    : { kind: 'changed', texts: { ...texts, ...accepted } };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function allowedFor(name: ToggleName | undefined): string {
  return name === undefined ? `one of the names ${toggleNames.join(', ')}` : rules[name].allowed;
}

/** @throws {TypeError} for texts that did not come from `togglesFrom` or `changeToggles`. */
export function readToggles(texts: ToggleTexts): Toggles {
  const rateLimitPolicy = parsePolicy(texts.RATE_LIMIT_POLICY);
  if (rateLimitPolicy === undefined) throw new TypeError('unchecked RATE_LIMIT_POLICY');
  return {
    coinapiEnabled: texts.FEATURE_COINAPI_ENABLED === 'true',
    fallbackProvider: texts.FALLBACK_PROVIDER === 'okx' ? 'okx' : 'cache',
    degradedMode: texts.FEATURE_DEGRADED_MODE === 'true',
    screenerMaxConcurrency: Number(texts.SCREENER_MAX_CONCURRENCY),
    screenerTtlSeconds: Number(texts.SCREENER_TTL_SECONDS),
    rateLimitPolicy,
    fallbackEnabled: texts.FALLBACK_ENABLED === 'true',
  };
}

/** The toggles in force. Those who must act on a change listen. */
export class ToggleBoard {
  #texts: ToggleTexts;
  #toggles: Toggles;
  readonly #listeners: ((toggles: Toggles) => void)[] = [];

  constructor(texts: ToggleTexts) {
    this.#texts = texts;
    this.#toggles = readToggles(texts);
  }

  get texts(): ToggleTexts {
    return this.#texts;
  }

  get current(): Toggles {
    return this.#toggles;
  }

  onChange(listener: (toggles: Toggles) => void): void {
    this.#listeners.push(listener);
  }

  apply(change: Readonly<Record<string, unknown>>): ToggleChange {
    const result = changeToggles(this.#texts, change);
    if (result.kind === 'changed') {
      this.#texts = result.texts;
      this.#toggles = readToggles(result.texts);
      for (const listener of this.#listeners) listener(this.#toggles);
    }
    return result;
  }
}
