import { rm, stat, writeFile } from 'node:fs/promises';
import { defineFault } from 'siaga';
import { z } from 'zod';

/** The folder in which the shop spools its orders takes no more: a file of this size stands in it. */
export default defineFault({
  kind: 'spool-full',
  spec: z.strictObject({ folder: z.string(), bytes: z.int().positive().max(1e9) }),
  plan: ({ folder }) => ({ file: `${folder}/filled-by-siaga` }),
  inject: ({ file }, { bytes }, signal) => writeFile(file, Buffer.alloc(bytes), { signal }),
  confirm: async ({ file }, { bytes }) => (await stat(file).catch(() => undefined))?.size === bytes,
  undo: ({ file }) => rm(file, { force: true }),
});
