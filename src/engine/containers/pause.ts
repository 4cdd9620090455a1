// Pauses and resumes a container with the freezer.
import { freezeCgroup } from '../shim/freezer.ts';
import type { Container } from './container.ts';
import { cgroupOf, emit, type Containers } from './context.ts';
import { mustDo } from './life-cycle.ts';

/** Freezes every process of it. */
export async function pauseContainer(containers: Containers, container: Container): Promise<void> {
  await change(containers, container, true);
}

/** Lets them go on. */
export async function unpauseContainer(containers: Containers, container: Container): Promise<void> {
  await change(containers, container, false);
}

async function change(containers: Containers, container: Container, paused: boolean): Promise<void> {
  await containers.store.own(container, async () => {
    mustDo(paused ? 'pause' : 'unpause', container.record);
    await freezeCgroup(containers.facts.cgroups, cgroupOf(containers, container), paused);
    container.setState({ status: paused ? 'paused' : 'running' });
    containers.store.save(container);
    emit(containers, container, paused ? 'pause' : 'unpause');
  });
}
