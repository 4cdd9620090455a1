// The volumes of a container at the two ends of its run.
import type { Containers } from '../context.ts';
import type { ContainerRecord } from '../record.ts';

/** Before anything is prepared. */
export async function takeVolumes({ volumes }: Containers, { id, mounts }: ContainerRecord): Promise<void> {
  for (const { Type, Name, Destination, Propagation, RW } of mounts) {
    if (Type !== 'volume' || Name === undefined) continue;
    await volumes.mount(Name, { container: id, destination: Destination, propagation: Propagation, writable: RW });
  }
}

/** After the shim has gone. What fails is told in the log: the run has ended all the same. */
export async function giveVolumes({ volumes, engine }: Containers, { id, mounts }: ContainerRecord): Promise<void> {
  for (const { Type, Name } of mounts) {
    if (Type !== 'volume' || Name === undefined) continue;
    await volumes
      .unmount(Name, id)
      .catch((error: unknown) => engine.log.error('volume was not unmounted', { container: id, volume: Name, error }));
  }
}
