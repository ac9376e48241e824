import type { Block, Document } from './document/types.ts';
import type { Report } from './model.ts';
import { endpointsSection } from './section/endpoints.ts';
import { experimentsSection } from './section/experiments.ts';
import { glanceSection } from './section/glance.ts';
import { incidentsSection } from './section/incidents.ts';
import { nextSection } from './section/next.ts';
import {
  aboutSection,
  checksSection,
  loadSection,
  messagesSection,
  timelineSection,
  togglesSection,
  troubleSection,
} from './section/rest.ts';
import { signalsSection } from './section/signals.ts';
import { titleOf, verdictSection } from './section/verdict.ts';

type Section = (report: Report) => readonly Block[];

/** In the order of the page: verdict first, then what to do, then the details. */
export const sections: readonly Section[] = [
  verdictSection,
  nextSection,
  glanceSection,
  experimentsSection,
  incidentsSection,
  checksSection,
  signalsSection,
  endpointsSection,
  loadSection,
  togglesSection,
  messagesSection,
  troubleSection,
  timelineSection,
  aboutSection,
];

/** The report of a run as a page. */
export function reportPage(report: Report, of: readonly Section[] = sections): Document {
  return { title: titleOf(report), language: 'en', blocks: of.flatMap((section) => section(report)) };
}
