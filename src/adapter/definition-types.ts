import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typesUrl } from '../kernel/place.ts';
import type { CheckTypes, TypeFault, TypeReport } from '../project/ports.ts';
import { tsc } from './tsc.ts';

interface Group {
  readonly files: readonly string[];
  readonly needs?: string;
  readonly bare: object;
}

/** Runs the project's own `tsc` over its definitions and over its scenarios. */
export const checkTypes: CheckTypes = async ({ dir, definitions, scenarios }) => {
  const groups: readonly Group[] = [
    { files: definitions, bare: { strict: true, types: [], paths: ownPaths() } },
    { files: scenarios, needs: '@types/k6', bare: { strict: true, types: ['k6'] } },
  ];
  const reports = await Promise.all(groups.map((group) => checkGroup(dir, group)));
  return reports.filter((report) => report !== undefined);
};

async function checkGroup(dir: string, { files, ...options }: Group): Promise<TypeReport | undefined> {
  const [first, ...rest] = files.map((file) => join(dir, file));
  if (first === undefined) return undefined;
  const report = await tsc({ files: [first, ...rest], ...options });
  if (report.state === 'unchecked') return report;
  if (report.errors.some((line) => line.includes("Cannot find module 'siaga"))) return unfoundOurselves;
  const errors = report.errors.flatMap((line) => faultOf(line, dir));
  return { state: 'checked', files: files.length, errors };
}

// Definitions run without it, so that this says nothing against them.
const unfoundOurselves: TypeReport = {
  state: 'unchecked',
  reason: "the project's tsconfig.json does not find siaga: install it there",
};

// Without a tsconfig.json, the types of `siaga` are those of the running CLI.
function ownPaths(): object {
  const names = { siaga: 'index', 'siaga/runbook': 'runbook/types' };
  return Object.fromEntries(
    Object.entries(names).map(([name, file]) => [name, [fileURLToPath(typesUrl(file))]]),
  );
}

function faultOf(line: string, dir: string): readonly TypeFault[] {
  const [, path = '', row, message = ''] = /^(.*?)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
  const file = relative(dir, path).replaceAll('\\', '/');
  // Files beyond the project are not the project's to mend.
  return path === '' || file.startsWith('../') ? [] : [{ file: `${file}:${row}`, message }];
}
