import { formatMs } from '../../kernel/duration.ts';
import type {
  Actions,
  Cause,
  ClosedFacts,
  DigestFacts,
  Heading,
  HeartbeatFacts,
  MonitoringFacts,
  RecoveredFacts,
  SituationFacts,
  StableFacts,
} from '../facts.ts';
import {
  arrange,
  assignments,
  clock,
  figures,
  inWords,
  line,
  localClock,
  moment,
  plain,
  shorter,
  shortWindow,
  spareRank,
  type Line,
} from './lines.ts';
import type { Phrases } from './phrases.ts';

/** A name with an address beside it. */
const systemUnits = 48;
/** Of what came from outside, where there is little room. */
const shortPart = 24;

/** An incident that begins or goes on. */
export function situationText(facts: SituationFacts, say: Phrases): string {
  const {
    news,
    still,
    fails,
    unknown,
    symptoms,
    actions,
    next,
    back,
    command,
    requestId,
    resolveWithinMs,
    hit,
  } = facts;
  const effect = news === 'mitigated' ? (fails || unknown ? say.spared : say.unaffected) : say.hit(hit);
  const target = resolveWithinMs === undefined ? [] : [say.target(inWords(resolveWithinMs, say))];
  return arrange([
    head(facts, say.tags[news], effect),
    ...causeLines(facts, say),
    ...(symptoms ? [line(5, figures(symptoms, say, facts.speed))] : []),
    ...(still === undefined ? [] : [line(0, `${say.stillOver}${plain(still)}`)]),
    ...(fails === undefined
      ? []
      : [line(0, `${say.stillFailing}${plain(fails)}`, `${say.stillFailing}${plain(fails, shortPart)}`)]),
    ...(unknown === undefined
      ? []
      : [
          line(
            0,
            ...shorter(
              say.notKnown,
              unknown.map((each) => plain(each)),
            ),
            ...shorter(say.notKnown, [plain(unknown[0] ?? '', shortPart)]),
          ),
        ]),
    actionLine(2, actions, say),
    ...backLines(back, say),
    line(3, ...shorter(say.set, assignments(next))),
    line(1, command),
    ...(requestId === undefined ? [] : [line(4, `X-Request-Id ${plain(requestId)}`, plain(requestId))]),
    foot(facts, say, target),
  ]);
}

/** Who finds a toggle out sets it back, or asks whoever set it. */
function backLines(back: SituationFacts['back'], say: Phrases): readonly Line[] {
  const [short, asks] = say.setBack;
  const forms = shorter(short, assignments(back));
  return forms.length === 0 ? [] : [line(3, ...forms.map((form) => form + asks), ...forms)];
}

/** The figure of what is new, then whatever else fired. */
function causeLines({ causes, hit }: SituationFacts, say: Phrases): readonly Line[] {
  const [first, ...others] = causes;
  if (first === undefined) return [];
  const said = hit.kind === 'felt' && first.kind === 'signal' && first.says === hit.says;
  const words = (units?: number): string => (said ? say.figure(first, units) : say.cause(first, units));
  const more = others.map((cause) => say.cause(cause));
  const all = others.length === 0 ? [] : shorter(`${words()}; ${say.also}`, more);
  return [line(0, ...all, words(), words(shortPart))];
}

const causeLine = (cause: Cause, say: Phrases): Line =>
  line(0, say.cause(cause), say.cause(cause, shortPart));

/** A fallback that lasts. */
export function stableText(facts: StableFacts, say: Phrases): string {
  const { symptoms, actions, owner, reviewAt, since } = facts;
  return arrange([
    head(facts, say.tags.stable, say.onFallback),
    line(1, figures(symptoms, say, facts.speed)),
    actionLine(2, actions, say),
    line(0, say.owner(plain(owner, 40), moment(reviewAt, facts, say.months))),
    line(spareRank, say.since(moment(since, facts, say.months))),
    line(spareRank, say.silent),
    foot(facts, say),
  ]);
}

/** What happened to a flapping incident since the last message. */
export function digestText(facts: DigestFacts, say: Phrases): string {
  const { begins, happened, stand, good, of, symptoms, everyMs, command } = facts;
  return arrange([
    head(facts, say.tags.flapping, say.stand(stand, good, of)),
    ...(begins ? [line(0, say.changesSince(begins.changes, moment(begins.since, facts, say.months)))] : []),
    // The newest matter most.
    ...happened.map(({ at, kind, signal }, index) => {
      const what = `${clock(at, facts)} ${say.changes[kind]}`;
      return line(
        spareRank + (happened.length - index),
        signal === undefined ? what : `${what}: ${plain(signal)}`,
      );
    }),
    line(2, figures(symptoms, say, facts.speed)),
    line(3, say.nextDigest(shortWindow(everyMs, facts.speed))),
    line(1, command),
    foot(facts, say),
  ]);
}

/** An incident that is over; with how it began, where nobody has heard of it. */
export function recoveredText(facts: RecoveredFacts, say: Phrases): string {
  const {
    symptoms,
    heldMs,
    provider,
    restored,
    checksPassed,
    gone,
    postmortemBy,
    command,
    unannounced,
    at,
    since,
  } = facts;
  const lasted = formatMs(Math.max(0, at - since));
  const news = unannounced ? say.normalSince(clock(since, facts), clock(at, facts)) : say.normalAgain(lasted);
  const back = [
    ...(restored.fallback === false ? [say.fallbackOff] : []),
    ...assignments(restored.toggles ?? {}),
  ];
  const good = `${figures(symptoms, say, facts.speed)}; ${say.held(shortWindow(heldMs, facts.speed))}`;
  return arrange([
    head(facts, say.tags.recovered, news),
    ...(unannounced ?? []).map((cause) => causeLine(cause, say)),
    line(0, good, figures(symptoms, say, facts.speed)),
    ...(provider === undefined ? [] : [line(2, say.provider(provider))]),
    line(3, ...shorter(say.restored, back)),
    line(
      0,
      ...shorter(
        say.gone,
        gone.map((each) => plain(each, shortPart)),
      ),
    ),
    ...(checksPassed === 0 ? [] : [line(spareRank, say.checksPassed(checksPassed))]),
    // Nobody counts the seconds of a deadline.
    line(1, say.postmortemBy(moment(postmortemBy, { ...facts, speed: 1 }, say.months))),
    line(4, command),
    ...(unannounced ? [line(spareRank, say.beginningUndelivered)] : []),
    foot(facts, say),
  ]);
}

/** An incident that is over without a recovery. */
export function closedText(facts: ClosedFacts, say: Phrases): string {
  return arrange([
    head(facts, say.tags.closed, say.closed[facts.because]),
    ...facts.causes.map((cause) => causeLine(cause, say)),
    line(1, facts.command),
    foot(facts, say),
  ]);
}

/** That we cannot measure. */
export function monitoringText(facts: MonitoringFacts, say: Phrases): string {
  return arrange([
    line(0, `${say.tags.monitoring} ${plain(facts.system, systemUnits)}: ${say.cannotMeasure}`),
    troubleLine(facts, say),
    line(1, say.saysNothing),
    foot(facts, say),
  ]);
}

function troubleLine({ trouble }: MonitoringFacts, say: Phrases): Line {
  if (trouble.kind === 'late') return line(0, say.late(trouble));
  return line(
    0,
    ...shorter(
      say.blind,
      trouble.signals.map((signal) => plain(signal, 40)),
    ),
  );
}

/** That a round was run. */
export function heartbeatText(facts: HeartbeatFacts, say: Phrases): string {
  const { passed, failed, inconclusive } = facts.checks;
  return arrange([
    line(0, `${say.tags.heartbeat} ${plain(facts.system, systemUnits)}: ${say.verdicts[facts.verdict]}`),
    line(0, say.counts(passed, failed, inconclusive)),
    line(
      1,
      ...shorter(
        say.failed,
        facts.failed.map((name) => plain(name, 40)),
      ),
    ),
    line(
      2,
      ...shorter(
        say.unclear,
        facts.unclear.map((name) => plain(name, 40)),
      ),
    ),
    line(0, [localClock(facts.at, facts), ...(facts.recorded ? [] : [say.unrecorded[0]])].join(', ')),
  ]);
}

interface Headed extends Heading {
  readonly severity: string;
}

/** System, what users feel, severity: the last two never cut. */
function head({ drill, severity, system }: Headed, tag: string, what: string): Line {
  const start = [drill ? '[DRILL]' : '', tag, severity, plain(system, systemUnits)].filter(Boolean).join(' ');
  return line(0, `${start}: ${what}`, `${start}: ${plain(what, 40)}`);
}

/** Which message of which incident it is, when, and that nothing records it where that is so. */
function foot(facts: Heading, say: Phrases, more: readonly string[] = []): Line {
  const { incident, number, at, recorded } = facts;
  const least = [`${plain(incident, 40)} #${number}`, localClock(at, facts)];
  if (recorded) return line(0, [...least, ...more].join(', '), least.join(', '));
  const [short, long] = say.unrecorded;
  return line(0, [...least, long].join(', '), [...least, short].join(', '));
}

function actionLine(rank: number, { toggles, fallback }: Actions, say: Phrases): Line {
  const set = [...(fallback === true ? [say.fallbackOn] : []), ...assignments(toggles ?? {})];
  if (set.length > 0) return line(rank, ...shorter(say.inForce, set));
  return line(rank, ...(toggles === undefined || Object.keys(toggles).length > 0 ? [] : [say.noAction]));
}
