import { type Environment, fillIn, unsetIn } from '../project/environment.ts';
import { SourceReader, type FilledSource, type OwnCode } from '../sampling/own-source.ts';
import type { Source } from '../sampling/source.ts';
import type { Session } from './session-types.ts';

/** Readers of the sources that the project defines itself and its runbook names, their variables filled in. */
export function ownReaders(session: Session): readonly SourceReader[] {
  const { judge, project, platform } = session;
  return project.sources.flatMap((source) => {
    const signals = judge.signals.filter(({ own }) => own === source.name).map(({ name }) => name);
    if (signals.length === 0) return [];
    return [new SourceReader({ ...filled(source, platform.env), signals }, ownCode(session))];
  });
}

// A command reads the environment itself: what is on its command line, every user of the machine can read.
function filled(source: Source, env: Environment): Pick<FilledSource, 'source' | 'unset'> {
  const { read } = source;
  if (typeof read === 'function' || 'command' in read) return { source, unset: [] };
  const unset = [...new Set(unsetIn(read, env).map(({ name }) => name))];
  return { source: { ...source, read: fillIn(read, env) }, unset };
}

function ownCode({ platform, project, guard }: Session): OwnCode {
  return {
    call: platform.callOwn,
    output: (command) =>
      platform.outputOf({
        ...command,
        cwd: project.dir,
        env: { ...platform.env, SIAGA_OWNER: guard.owner },
        onSpawn: (pid) => guard.own(pid),
      }),
  };
}
