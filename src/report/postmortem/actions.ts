import { cite, code, table } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import { zoneDateTime } from '../when.ts';
import { atFullLength } from '../section/common.ts';
import type { Case } from './context.ts';
import type { Improvement } from './lessons.ts';

interface Action {
  readonly what: string;
  readonly owner: string;
  readonly due: string;
  readonly closedBy: Line;
}

/** Three to five actions. An owner or a deadline that nobody gave is to be assigned, not made up. */
export function actionTable(of: Case, improvements: readonly Improvement[]): Block {
  const derived = improvements.slice(0, 3).map((improvement) => fromImprovement(of, improvement));
  const rows = [...review(of), ...derived, ...standing(of)].slice(0, Math.max(3, derived.length + 2));
  return table(
    ['#', 'Action', 'Owner', 'Due', 'Closed by'],
    rows.map(({ what, owner, due, closedBy }, index): Line[] => [
      [String(index + 1)],
      [what],
      [owner],
      [due],
      closedBy,
    ]),
  );
}

const nobody = 'unknown: to be assigned';

function fromImprovement(of: Case, { action, closedBy }: Improvement): Action {
  return {
    what: action,
    owner: nobody,
    due: atReview(of),
    closedBy: [code(closedBy)],
  };
}

/** A fallback in somebody's hands comes first: it is the only action whose owner and date are already known. */
function review({ episode, report, incident }: Case): readonly Action[] {
  const { stable } = episode;
  if (stable === undefined) return [];
  return [
    {
      what: `Review the fallback that lasts since ${zoneDateTime(stable.since, report.run.judge.zone)}`,
      owner: `${stable.owner.name} (${stable.owner.role})`,
      due: zoneDateTime(stable.reviewAt, report.run.judge.zone),
      closedBy: [`RECOVERED of ${incident.id} `, cite(stable.seq)],
    },
  ];
}

function standing(of: Case): readonly Action[] {
  const { report, faults } = of;
  const owner = ownerOf(of);
  const cause: Action = {
    what:
      faults.length > 0
        ? 'Decide whether the system should have prevented this, and record the final cause'
        : 'Find and record the cause',
    owner,
    due: dueAt(of, 'reportMs'),
    closedBy: ['this document, with its cause marked final'],
  };
  return [
    {
      what: 'Complete this draft: users, data and business impact, confirmed severity',
      owner,
      due: dueAt(of, 'draftMs'),
      closedBy: ['this document, with no unknown left in its impact'],
    },
    cause,
    {
      what: 'Review this postmortem and assign what is unassigned',
      owner,
      due: dueAt(of, 'reviewMs'),
      closedBy: ['the review'],
    },
    {
      what: 'Repeat at full length',
      owner: nobody,
      due: atReview(of),
      closedBy: [code(atFullLength(report))],
    },
  ];
}

/** The role the runbook names for decisions. */
function ownerOf({ report }: Case): string {
  return report.run.contacts.find(({ role }) => role === 'owner')?.name ?? nobody;
}

function atReview(of: Case): string {
  const when = deadline(of, 'reviewMs');
  return `unknown: to be set at the review${when === undefined ? '' : `, ${when}`}`;
}

type Document = 'draftMs' | 'reportMs' | 'reviewMs';

const dueAt = (of: Case, which: Document): string =>
  deadline(of, which) ?? 'unknown: the runbook’s deadline is not on record';

/** Deadlines count from RECOVERED, or from the declaration while it is open; real time. */
function deadline({ report, episode }: Case, which: Document): string | undefined {
  const after = report.run.documents?.[which];
  if (after === undefined) return undefined;
  return zoneDateTime((episode.recovered ?? episode.opened).at + after, report.run.judge.zone);
}
