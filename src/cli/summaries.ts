/** Every command and what it does: enough to list them without reading any. */
export const summaries = {
  check: 'run checks once; stay when something fails until the window has decided',
  load: 'run a k6 scenario by name, or any k6 script by path, against the thresholds of the runbook',
  chaos: 'break a dependency on purpose, and undo it',
  gate: 'checks, smoke load and chosen experiments: one verdict before a deploy',
  gameday: 'break dependencies one after another under load, and report',
  report: 'make the documents of a run again from its events; the same events give the same bytes',
  reference: 'the system under test that comes with the checkout',
  doctor: 'which k6, Toxiproxy, Postgres and Redis would be used, and why',
  validate:
    'list every fault of the runbook, the configuration and the definitions at once; it runs them: the files of a project are code',
} as const;

export type CommandName = keyof typeof summaries;
