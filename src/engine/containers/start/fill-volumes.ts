// Gives the volumes of a container that never ran the image's content, as Docker does when it makes the container: here it
// is done at a start, so others that take its volumes before would see them empty.
import { rm } from 'node:fs/promises';
import { launchPlan } from '../../shim/launch-plan.ts';
import { failureError, failureFrom } from '../../shim/failure.ts';
import { PHASES } from '../../shim/records.ts';
import { endShim, ShimClient, type ShimListener } from '../../shim/shim-client.ts';
import { Container } from '../container.ts';
import { pathsOf, type Containers } from '../context.ts';
import { isAlive, type ContainerRecord } from '../record.ts';
import { NEVER } from '../time.ts';
import { planInput } from './plan-input.ts';

/** Fills them unless it ran or runs. Prepares it with its volumes alone, and gives it up before any process begins. */
export async function fillVolumes(containers: Containers, container: Container): Promise<void> {
  if (!isEmptyStill(container.record)) return;
  await containers.store.own(container, async () => {
    if (!isEmptyStill(container.record) || container.removalStarted) return;
    const dir = pathsOf(containers, container.id).run;
    try {
      await containers.zygote.launch(dir, launchPlan(planInput(containers, bare(container.record), [])));
      const { client, state } = await ShimClient.connect(dir, DEAF);
      await endShim(client);
      if (state.phase === PHASES.failed) noteFailure(containers, container, failureError(failureFrom(state)));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
}

/** What failed behind the mounts, such as a command that is not there, is none of the volumes' business. */
function noteFailure({ engine }: Containers, { id }: Container, error: Error): void {
  engine.log.debug('a container was prepared for its volumes only', { container: id, error });
}

function isEmptyStill(record: ContainerRecord): boolean {
  const { state, mounts } = record;
  return (
    !isAlive(record) && state.startedAt === NEVER && mounts.some((mount) => mount.Type === 'volume' && mount.copyUp)
  );
}

/** No network, no limits, no devices, no other mounts. */
function bare(record: ContainerRecord): Container {
  return new Container({
    ...record,
    host: { NetworkMode: 'none', IpcMode: 'private', LogConfig: { Type: 'none', Config: {} } },
    mounts: record.mounts.filter((mount) => mount.Type === 'volume'),
    networks: {},
    ports: [],
  });
}

const DEAF: ShimListener = {
  exited: () => undefined,
  oomKilled: () => undefined,
  execExited: () => undefined,
  closed: () => undefined,
};
