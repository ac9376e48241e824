import { closeOnSignal, createLogger, exitOnProblems, startOrExit } from '../shared/process.ts';
import { readConfig } from './config.ts';
import { createServer } from './server.ts';
import { createServices } from './services.ts';

const logger = createLogger('reference-api');
const read = readConfig(process.env);

if (read.kind === 'invalid') exitOnProblems(logger, read.problems);
else {
  const { config } = read;
  await startOrExit(logger, async () => {
    const services = createServices(config, logger);
    const app = await createServer(services, logger);
    closeOnSignal(logger, async () => {
      await app.close();
      await services.stop();
    });
    services.start();
    const address = await app.listen({ host: config.host, port: config.port });
    logger.info({ address, toggles: config.toggles }, 'Listening');
  });
}
