import { GenericContainer, Wait } from 'testcontainers';
import type { Environment } from '../../src/tools/types.ts';
import type { ContainerOrder } from './keeper.ts';

/** Publishes on loopback only: by itself testcontainers publishes on every interface. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    const published = Object.values<{ HostIp?: string }[]>(this.hostConfig.PortBindings ?? {});
    for (const binding of published.flat()) binding.HostIp = '127.0.0.1';
  }
}

/** A container as it was ordered, not started yet. */
export function containerOf(
  { image, command, variables, publish }: ContainerOrder,
  labels: Record<string, string>,
  env: Environment,
): GenericContainer {
  const environment = variables.map((name) => [name, env[name] ?? ''] as const);
  const container = new LoopbackContainer(image)
    .withCommand([...command])
    .withEnvironment(Object.fromEntries(environment))
    .withLabels(labels)
    // Whoever ordered it asks it in its own protocol.
    .withWaitStrategy(Wait.forAll([]));
  return publish === undefined
    ? container.withNetworkMode('host')
    : container.withExposedPorts({ container: publish.container, host: publish.port });
}
