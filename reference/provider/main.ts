import { EnvironmentReader } from '../shared/environment.ts';
import { closeOnSignal, createLogger, exitOnProblems, startOrExit } from '../shared/process.ts';
import { createProvider } from './server.ts';

const environment = new EnvironmentReader(process.env);
const provider = environment.oneOf('PROVIDER', ['coinapi', 'okx']);
const host = environment.text('HOST', '127.0.0.1');
const port = environment.port('PORT');
const logger = createLogger(`provider-${provider}`);
exitOnProblems(logger, environment.problems);

await startOrExit(logger, async () => {
  const app = await createProvider(provider, logger);
  closeOnSignal(logger, () => app.close());
  const address = await app.listen({ host, port });
  logger.info({ address, provider }, 'Listening');
});
