import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { callMeter } from './adapter/chaos/call-meter.ts';
import { checkTypes } from './adapter/definition-types.ts';
import { startCommand } from './adapter/command.ts';
import { dependencyProbe } from './adapter/chaos/probe.ts';
import { startGuard } from './adapter/guard/launch.ts';
import { undoPending } from './adapter/guard/replay/table.ts';
import { createHttpProbe } from './adapter/http.ts';
import { provideK6 } from './adapter/k6/k6.ts';
import { loadLauncher } from './adapter/launcher.ts';
import { projectFilesUntil } from './adapter/project-files.ts';
import { writeReports } from './adapter/report-folder.ts';
import { openOutput, ownStreams, terminalOf } from './adapter/output.ts';
import { callOwn, ownCodeRunning } from './adapter/own-code.ts';
import { outputOf } from './adapter/own-command.ts';
import { socketProbeOnDemand } from './adapter/socket-on-demand.ts';
import { bootId, systemClock, systemRandom } from './adapter/system.ts';
import { actuatorOf } from './adapter/toggle-method.ts';
import { readVersion } from './adapter/version.ts';
import { ownFaults } from './adapter/effect/own.ts';
import { processFaults } from './adapter/effect/process.ts';
import { toxiproxyFaults } from './adapter/toxiproxy/faults.ts';
import { heartbeatCaller } from './adapter/channel/webhook.ts';
import { openChannels } from './adapter/channel/kinds.ts';
import { schemaWords } from './event/shapes/event.ts';
import { messageOf } from './kernel/errors.ts';
import type { ExitCode } from './kernel/exit.ts';
import { createSecrets, urlSecrets } from './kernel/redact.ts';
import { calledAs, cutShort, runProgram, tell } from './cli/program.ts';
import { calledHere, placeIn } from './kernel/printed.ts';
import { registersFor } from './cli/commands.ts';
import type { Platform } from './run/platform.ts';
import { hasEnded, identify, markOf } from './tools/process.ts';
import { openStoreOrNone } from './store/absent.ts';
import { readStore } from './store/recorded.ts';
import { openStore } from './store/store.ts';

const interrupted = new AbortController();
// A second Ctrl-C does not cut the healing short: it is bounded, and the guard would have to do it anyway.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupted.abort(signal));
}

const http = createHttpProbe();
const socket = socketProbeOnDemand();

// What the schema of events gives a meaning can be no secret: hidden, it would mean nothing.
const secrets = createSecrets(schemaWords());
secrets.keep(Object.values(process.env).flatMap((value) => urlSecrets(value ?? '')));
const output = openOutput(...ownStreams(process, secrets.hide));
const stdout = (text: string) => output.stdout(secrets.hide(text));
const stderr = (text: string) => output.stderr(secrets.hide(text));
const progress = (line: string) => stderr(`${line}\n`);

const argv = process.argv.slice(2);

const platform: Platform = {
  env: process.env,
  cwd: process.cwd(),
  stdout,
  stderr,
  terminal: terminalOf(process.stderr, process.env),
  paint: (lines) =>
    lines === 'keep' ? output.keep() : output.paint(lines.map((line) => secrets.hide(line))),
  secrets,
  clock: systemClock,
  random: systemRandom,
  boot: bootId,
  version: readVersion(),
  node: process.versions.node,
  ownMark: () => markOf(process.pid),
  hasEnded,
  identify,
  called: calledAs(fileURLToPath(import.meta.url), process.cwd()),
  outcome: { code: 0 },
  interrupted: interrupted.signal,
  projectFiles: projectFilesUntil(interrupted.signal),
  checkTypes,
  openStore: (path) => openStore(path, secrets.hide),
  openStoreOrNone: (path) => openStoreOrNone(path, secrets.hide),
  readStore,
  http,
  socket,
  k6: () => provideK6({ env: process.env, cwd: process.cwd(), progress }, secrets.hide),
  faults: toxiproxyFaults,
  processFaults,
  ownFaults,
  undo: (pending) => undoPending(pending, { by: 'heal', progress }),
  dependencyProbe,
  callMeter,
  toggleActuator: (method) => actuatorOf(method, { http, clock: systemClock, env: process.env, progress }),
  startCommand,
  launcher: loadLauncher,
  openChannels,
  heartbeat: heartbeatCaller,
  callOwn,
  outputOf,
  writeFiles: writeReports,
  appendFile: (path, text) => appendFileSync(path, text),
  writeTextfile: async (path, gauges) => (await import('./adapter/textfile.ts')).writeTextfile(path, gauges),
  startGuard: (owner, store) => startGuard({ owner, env: process.env, ...(store && { store }) }),
};

let code: ExitCode | undefined;
// What a project's own code ends has passed nothing, whatever it ended it with.
process.on('exit', () => {
  code ??= tell(cutShort(), argv, platform);
  process.exitCode = output.exitCode(code);
});
calledHere({ called: platform.called, ...placeIn(argv) });
// What nobody caught must not end as 1, which is a verdict on the target: the guard undoes what is left. What a project's
// own part left behind breaks nothing of ours.
const notCaught = (error: unknown): void => {
  const part = ownCodeRunning();
  if (part === undefined) process.exit((code = tell(error, argv, platform)));
  progress(`siaga: the ${part} threw where nobody waited for it: ${messageOf(error)}`);
};
process.on('uncaughtException', notCaught);
process.on('unhandledRejection', notCaught);
code = await runProgram(argv, platform, await registersFor(argv));
http.close();
socket.close();
// Everything is reported and undone by now: what a bug left running must not keep the process.
setTimeout(() => process.exit(), 10_000).unref();
