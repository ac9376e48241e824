import { expect } from 'vitest';
import { SiagaError } from '../../src/kernel/errors.ts';
import { provide } from '../../src/tools/provide.ts';
import type { ProvisionContext, Tool } from '../../src/tools/types.ts';

/** Why a tool could not be had. */
export async function refusal(tool: Tool, context: ProvisionContext): Promise<SiagaError> {
  const error: unknown = await provide(tool, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SiagaError) return error;
  throw new Error(`${tool.name} was provided, or failed otherwise: ${String(error)}`);
}

/** What was provided, or the error in the same flat form: something that a row of a table can state. */
export async function outcome(tool: Tool, context: ProvisionContext): Promise<object> {
  try {
    return await provide(tool, context);
  } catch (error) {
    if (!(error instanceof SiagaError)) throw error;
    const { exitCode, message, facts } = error;
    return { exitCode, message, where: facts.where, got: facts.got };
  }
}

export function taken(version: string) {
  return { source: 'given', version };
}

export function refused(says: string) {
  return { exitCode: 3, message: expect.stringContaining(says) };
}
