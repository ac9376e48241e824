import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Fault } from '../kernel/diagnostic.ts';
import { show, suggest, nearest } from '../kernel/nearest.ts';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { calledUrlSecrets } from '../kernel/redact.ts';
import {
  type Rule,
  anything,
  fields,
  flag,
  isRecord,
  list,
  member,
  object,
  oneOf,
  text,
  wrong,
} from '../kernel/shape.ts';
import type { AnyChannelKind } from '../notify/channel.ts';
import { builtIn } from './channel-kind.ts';
import type { Collected } from './collect.ts';
import { type Environment, fillIn, stringsIn, unsetIn, variablesIn } from './environment.ts';
import type { Channel, ChannelRules, Config, OwnChannel } from './target.ts';
import { url } from './url-shape.ts';

/** The kinds of channels that a project defines itself. */
export type ChannelKinds = Pick<Collected<AnyChannelKind>, 'names' | 'complete'> & {
  readonly sound: readonly { readonly value: AnyChannelKind }[];
};

export const noKinds: ChannelKinds = { sound: [], names: [], complete: true };

const rules = {
  language: oneOf('id', 'en'),
  standby: flag,
  receives: list(oneOf('incidents', 'drills', 'monitoring', 'heartbeat'), {
    min: 1,
    what: 'things it receives: incidents, drills, monitoring or heartbeat',
  }),
} satisfies Record<keyof ChannelRules, Rule>;

/** The options of each kind that Siaga has itself. What sends them stands in `adapter/channel/kinds.ts`. */
const shapes: { readonly [Kind in Channel['kind']]: Rule } = {
  telegram: object<Extract<Channel, { kind: 'telegram' }>>(
    { kind: anything, token: text(), chat: text() },
    { api: url, ...rules },
  ),
  webhook: object<Extract<Channel, { kind: 'webhook' }>>(
    { kind: anything, url },
    { bearer: text(), ...rules },
  ),
};

/** A channel of the configuration, of one of Siaga's kinds or of one that the project defines. */
export function channelRule(kinds: ChannelKinds): Rule {
  return (found, at) => {
    if (!isRecord(found)) return fields({ kind: anything })(found, at);
    const kind = found['kind'];
    const ours = builtIn.find((name) => name === kind);
    if (ours !== undefined) return shapes[ours](found, at);
    const own = definitionOf(kinds, kind);
    if (own !== undefined) return ownFaults(own, found as OwnChannel, at);
    return isClaimed(kinds, kind) ? [] : [unknownKind(kinds, kind, member(at, 'kind'))];
  };
}

const definitionOf = ({ sound }: ChannelKinds, kind: unknown): AnyChannelKind | undefined =>
  sound.find(({ value }) => value.kind === kind)?.value;

// What is wrong with its definition stands there; where a file could not be read, nobody knows what it defines.
const isClaimed = ({ names, complete }: ChannelKinds, kind: unknown): boolean =>
  typeof kind === 'string' && (!complete || names.includes(kind));

function unknownKind({ names }: ChannelKinds, kind: unknown, at: string): Fault {
  const known = [...builtIn, ...names];
  const near = typeof kind === 'string' ? nearest(kind, known) : undefined;
  const { allowed, hint = 'a project defines its own kinds in channels/*.ts, with defineChannel' } = suggest(
    near,
    known,
  );
  return wrong(at, 'there is no such kind of channel', { got: show(kind), allowed, hint });
}

function ownFaults(own: AnyChannelKind, found: OwnChannel, at: string): readonly Fault[] {
  const options = optionsOf(found);
  const faults = [
    ...Object.entries(rules).flatMap(([name, rule]) =>
      found[name] === undefined ? [] : rule(found[name], member(at, name)),
    ),
    ...secretNames(own).flatMap((name) => writtenSecret(options[name], member(at, name))),
  ];
  if (faults.length > 0 || variablesIn(options).length > 0) return faults;
  return judge(own, fillIn(options, {}), at).faults;
}

const secretNames = ({ secret = [] }: AnyChannelKind): readonly string[] => secret.map(String);

function optionsOf(found: OwnChannel): Readonly<Record<string, unknown>> {
  const { kind: _kind, language: _language, standby: _standby, receives: _receives, ...options } = found;
  return options;
}

// What is in the file is in its history too, for everybody who can read either.
function writtenSecret(found: unknown, at: string): readonly Fault[] {
  return stringsIn(found, at)
    .filter(({ text: written }) => variablesIn(written).length === 0)
    .map(({ path }) =>
      wrong(path, 'this option is secret, and is written into the configuration', {
        got: 'a text without a variable',
        allowed: '${NAME}, a variable of the environment that holds it',
      }),
    );
}

interface Options {
  readonly value?: unknown;
  readonly faults: readonly Fault[];
}

/** The options as the kind's own schema takes them, variables filled in. A schema is a project's own code. */
function judge(own: AnyChannelKind, options: Readonly<Record<string, unknown>>, at: string): Options {
  const refused = (message: string, allowed: string): Options => ({
    faults: [wrong(at, message, { allowed })],
  });
  try {
    const result = own.options['~standard'].validate(options);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      return refused(`the schema of ${own.kind} answers later`, 'a schema that answers at once');
    }
    if (result.issues === undefined) return { value: result.value, faults: [] };
    return { faults: result.issues.map((issue) => issueFault(own, issue, options, at)) };
  } catch (error) {
    return refused(`the schema of ${own.kind} threw: ${messageOf(error)}`, 'a schema that can judge them');
  }
}

function issueFault(
  own: AnyChannelKind,
  { message, path = [] }: StandardSchemaV1.Issue,
  options: Readonly<Record<string, unknown>>,
  at: string,
): Fault {
  const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  const [option] = keys;
  const found = keys.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), options);
  const secret = option === undefined || secretNames(own).includes(option);
  return wrong(keys.reduce(member, at), message, {
    got: secret ? 'something that is not shown' : show(found),
  });
}

/** What is wrong with options once their variables are filled in; nothing where some are not set. */
export function filledFaults(
  { channels = {} }: Pick<Config, 'channels'>,
  kinds: readonly AnyChannelKind[],
  env: Environment,
): readonly Fault[] {
  return Object.entries(channels).flatMap(([name, channel]) => {
    const own = kinds.find(({ kind }) => kind === channel.kind);
    const options = optionsOf(channel as OwnChannel);
    if (own === undefined || variablesIn(options).length === 0 || unsetIn(options, env).length > 0) return [];
    return judge(own, fillIn(options, env), member('channels', name)).faults;
  });
}

/** A channel of a project's own kind with all that sending takes. */
export interface SelectedOwnChannel extends ChannelRules {
  readonly kind: 'own';
  readonly definition: AnyChannelKind;
  /** As its schema gave them. */
  readonly options: unknown;
  readonly secrets: readonly string[];
}

export type SelectedChannel = Channel | SelectedOwnChannel;

/** Where messages can go, and which channels are skipped for want of a variable. */
export interface SelectedChannels {
  readonly channels: Readonly<Record<string, SelectedChannel>>;
  readonly skipped: readonly { readonly channel: string; readonly unset: readonly string[] }[];
  readonly heartbeat?: string;
}

/**
 * The channels with their variables filled in. One that lacks a variable is skipped, never an error.
 * @throws {SiagaError} `bad-channel` (exit 2) where the schema of its own kind refuses what the variables hold.
 */
export function selectChannels(
  { channels = {}, heartbeat }: Config,
  kinds: readonly AnyChannelKind[],
  env: Environment,
): SelectedChannels {
  const rows = Object.entries(channels).map(([channel, found]) => ({
    channel,
    found,
    unset: [...new Set(unsetIn(found, env).map(({ name }) => name))],
  }));
  const usable = rows.filter(({ unset }) => unset.length === 0);
  const beats = heartbeat !== undefined && unsetIn(heartbeat, env).length === 0;
  return {
    channels: Object.fromEntries(
      usable.map(({ channel, found }) => [channel, selected(channel, found, kinds, env)]),
    ),
    skipped: rows.filter(({ unset }) => unset.length > 0).map(({ channel, unset }) => ({ channel, unset })),
    ...(beats && { heartbeat: fillIn(heartbeat, env) }),
  };
}

function selected(
  name: string,
  found: Channel | OwnChannel,
  kinds: readonly AnyChannelKind[],
  env: Environment,
): SelectedChannel {
  const definition = kinds.find(({ kind }) => kind === found.kind);
  if (definition === undefined) return fillIn(found as Channel, env);
  const { language, standby, receives } = found;
  const filled = fillIn(optionsOf(found as OwnChannel), env);
  const { value, faults } = judge(definition, filled, member('channels', name));
  const [fault] = faults;
  if (fault !== undefined) throw badChannel(fault);
  return {
    kind: 'own',
    definition,
    options: value,
    secrets: ownSecrets(definition, found as OwnChannel, env),
    ...(language && { language }),
    ...(standby !== undefined && { standby }),
    ...(receives && { receives }),
  };
}

function badChannel({ path, message, got, allowed }: Fault): SiagaError {
  return new SiagaError('bad-channel', {
    what: message,
    where: `siaga.config.ts, ${path}`,
    ...(got !== undefined && { got }),
    ...(allowed !== undefined && { allowed }),
    exitCode: exit.usage,
  });
}

/** What must never be shown of the options of own kinds: all of a secret option, and the telling parts where it is a URL. */
export function channelSecrets(
  { channels = {} }: Pick<Config, 'channels'>,
  kinds: readonly AnyChannelKind[],
  env: Environment,
): readonly string[] {
  return Object.values(channels).flatMap((channel) => {
    const definition = kinds.find(({ kind }) => kind === channel.kind);
    return definition === undefined ? [] : ownSecrets(definition, channel as OwnChannel, env);
  });
}

function ownSecrets(own: AnyChannelKind, found: OwnChannel, env: Environment): readonly string[] {
  const filled = fillIn(optionsOf(found), env);
  const texts = secretNames(own).flatMap((name) => stringsIn(filled[name]).map(({ text: value }) => value));
  return texts.flatMap((value) => [value, ...calledUrlSecrets(value)]);
}
