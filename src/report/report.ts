import type { Document } from './document/types.ts';
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

/** The report of a run as a page: verdict first, then what to do, then the details. */
export function reportPage(report: Report): Document {
  return {
    title: titleOf(report),
    language: 'en',
    blocks: [
      ...verdictSection(report),
      ...nextSection(report),
      ...glanceSection(report),
      ...experimentsSection(report),
      ...incidentsSection(report),
      ...checksSection(report),
      ...signalsSection(report),
      ...endpointsSection(report),
      ...loadSection(report),
      ...togglesSection(report),
      ...messagesSection(report),
      ...troubleSection(report),
      ...timelineSection(report),
      ...aboutSection(report),
    ],
  };
}
