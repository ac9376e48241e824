import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Entry, TriageAnswers } from '../event/entry.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { incidentResult, recordResult } from '../export/results.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { entryWords } from '../report/incident-page.ts';
import { zoneTime } from '../report/when.ts';
import { severities } from '../runbook/shape.ts';
import { writeEntry, type Written } from '../run/incident-entry.ts';
import { incidentsOnRecord, meantIncident, storeOf } from '../run/incidents-on-record.ts';
import type { WhichProject } from '../run/incidents-on-record.ts';
import type { Platform } from '../run/platform.ts';

interface EntryFlags extends WhichProject {
  readonly incident?: string;
  readonly by?: string;
  readonly json?: true;
}

/** `siaga incident ack`, `note` and their like: what only people know, put on the record of an incident. */
export function registerEntries(incident: Command, platform: Platform): void {
  const says = (command: Command, entryOf: (flags: never, ...words: never[]) => Entry): void => {
    withEntryFlags(command).action(async (...given: unknown[]) => {
      // Commander hands over the arguments, the options and the command.
      const [flags, words] = [given.at(-2) as EntryFlags, given.slice(0, -2)];
      await say(flags, entryOf(flags as never, ...(words as never[])), platform);
    });
  };
  says(incident.command('ack').description('say that you have it in hand'), () => ({ kind: 'acknowledged' }));
  says(
    incident
      .command('assign')
      .description('say who has a role: owner, ops, comms')
      .argument('<role>', 'the role', textOf(60))
      .argument('<name>', 'who has it', textOf(60)),
    (_, role: string, to: string) => ({ kind: 'assigned', role, to }),
  );
  says(
    incident.command('note').description('write something down').argument('<text...>', 'what it is'),
    (_, words: string[]) => ({ kind: 'note', text: joined(words) }),
  );
  says(
    incident
      .command('triage')
      .description('answer what is broken, who is affected, how bad it is and what else it may reach')
      .option('--what <text>', 'what does not work', textOf())
      .option('--who <text>', 'who is affected', textOf())
      .addOption(new Option('--severity <severity>', 'how bad it is').choices([...severities]))
      .option('--blast-radius <text>', 'what else it may reach', textOf()),
    ({ what, who, severity, blastRadius }: TriageAnswers) => triageOf({ what, who, severity, blastRadius }),
  );
  says(
    incident
      .command('cause')
      .description('say what caused it; provisional unless it is final')
      .argument('<text...>', 'the cause')
      .option('--final', 'it is shown by data, and no guess any more'),
    ({ final }: { readonly final?: true }, words: string[]) => ({
      kind: 'cause',
      text: joined(words),
      final: final === true,
    }),
  );
  says(
    incident
      .command('fix')
      .description('say what was changed to mend it')
      .argument('<text...>', 'what was changed')
      .option('--commit <sha>', 'the commit of the change', textOf(64)),
    ({ commit }: { readonly commit?: string }, words: string[]) => ({
      kind: 'fix',
      text: joined(words),
      ...(commit !== undefined && { commit }),
    }),
  );
  says(
    incident
      .command('users')
      .description('say how many users were affected')
      .argument('<count>', 'a number, or unknown', countOf)
      .option('--noticed-first', 'a user noticed it before Siaga did'),
    ({ noticedFirst }: { readonly noticedFirst?: true }, affected: number | 'unknown') => ({
      kind: 'users',
      ...(affected !== 'unknown' && { affected }),
      ...(noticedFirst && { noticedFirst }),
    }),
  );
  says(
    incident
      .command('resolve')
      .description('say that it is over and what was done about it; only once it is RECOVERED')
      .argument('<text...>', 'what was done'),
    (_, words: string[]) => ({ kind: 'resolved', text: joined(words) }),
  );
}

function withEntryFlags(command: Command): Command {
  return command
    .option('--incident <id>', 'the incident (default: the one that is open, else the newest)')
    .option('--by <name>', 'who says so (default: SIAGA_BY, or who is logged in)', textOf(60))
    .option('-C, --project <dir>', 'folder of the project', '.')
    .option('--target <name>', 'only incidents of this target')
    .option('--json', 'one JSON envelope on stdout');
}

async function say(flags: EntryFlags, entry: Entry, platform: Platform): Promise<void> {
  const by = flags.by ?? nameIn(platform.env);
  const meant = meantIncident(incidentsOnRecord(flags, platform), flags.incident);
  const store = platform.openStore(storeOf(flags.project, platform.cwd));
  try {
    const written = await writeEntry(meant, { by, entry }, { store, platform });
    platform.outcome.code = exit.passed;
    const { said, again, incident } = written;
    if (flags.json) return platform.stdout(asJson(written, meant.target, platform));
    const at = zoneTime(said.at, meant.zone);
    platform.stdout(
      `${incident.id}  ${at}  ${said.by}: ${entryWords(said)}${again ? ' (was so already)' : ''}\n`,
    );
  } finally {
    store.close();
  }
}

function asJson({ incident, record }: Written, target: string, { clock }: Platform): string {
  const envelope = envelopeOf([], { command: 'incident', exitCode: exit.passed, now: clock.now() });
  return `${JSON.stringify({ ...envelope, incidents: [{ ...incidentResult(incident), target, record: recordResult(record) }] }, null, 2)}\n`;
}

function nameIn(env: Platform['env']): string {
  const name = [env['SIAGA_BY'], env['USER'], env['LOGNAME'], env['USERNAME']].find((each) => each?.trim());
  if (name !== undefined) return name.trim().slice(0, 60);
  throw new SiagaError('nobody', {
    what: 'it is not known who says so',
    where: '--by',
    got: 'no name, and no user in the environment',
    allowed: 'a name',
    hint: 'give it with --by, or set SIAGA_BY',
    exitCode: exit.usage,
  });
}

function triageOf(answers: { readonly [Q in keyof TriageAnswers]: TriageAnswers[Q] | undefined }): Entry {
  const given = Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer !== undefined));
  if (Object.keys(given).length > 0) return { kind: 'triage', ...given };
  throw new SiagaError('no-answer', {
    what: 'a triage needs an answer at least',
    got: 'none',
    allowed: '--what, --who, --severity, --blast-radius',
    exitCode: exit.usage,
  });
}

const longest = 2_000;

function textOf(most: number = longest): (text: string) => string {
  return (text) => {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.length > most)
      throw new InvalidArgumentError(`allowed: 1 to ${most} characters.`);
    return trimmed;
  };
}

function joined(words: readonly string[]): string {
  const text = words.join(' ').trim();
  if (text !== '' && text.length <= longest) return text;
  throw new SiagaError('text', {
    what: text === '' ? 'there is nothing to write down' : 'this text is too long',
    got: `${text.length} characters`,
    allowed: `1 to ${longest} characters`,
    exitCode: exit.usage,
  });
}

function countOf(text: string): number | 'unknown' {
  if (text === 'unknown') return text;
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('allowed: a whole number, or unknown.');
  return count;
}
