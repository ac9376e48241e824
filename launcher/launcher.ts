import type { Launcher } from '../src/run/launcher.ts';
import { findEngine } from './containers/engine.ts';
import { tools } from './sources/tools.ts';
import {
  endOrphans,
  ensureReference,
  referenceAdminToken,
  referenceDown,
  referenceRestart,
  referenceStatus,
  referenceUp,
} from './system/reference.ts';
import { restartApart } from './system/restart-apart.ts';

/** What Siaga asks of the reference system. Siaga finds this file by its path, where there is one. */
export const launcher: Launcher = {
  tools,
  docker: findEngine,
  status: referenceStatus,
  up: referenceUp,
  ensure: ensureReference,
  restart: referenceRestart,
  restartApart,
  down: referenceDown,
  endOrphans,
  adminToken: referenceAdminToken,
};
