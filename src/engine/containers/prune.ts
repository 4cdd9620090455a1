// Removes containers that do not run.
import { isGantryError } from '../../base/error.ts';
import { parseDuration } from '../../base/duration.ts';
import { pathsOf, type Containers } from './context.ts';
import { folderSize } from './folder-size.ts';
import { labelMatches, type ListFilters } from './list-filters.ts';
import { removeContainer } from './remove.ts';
import { milliseconds } from './time.ts';

/** Answer of POST /containers/prune. */
export interface PruneAnswer {
  readonly ContainersDeleted: readonly string[];
  readonly SpaceReclaimed: number;
}

/** Keys it may be filtered by. */
export const PRUNE_FILTERS: readonly string[] = ['until', 'label', 'label!'];

/** Removes them; one that was started or removed meanwhile is passed over. */
export async function pruneContainers(containers: Containers, filters: ListFilters): Promise<PruneAnswer> {
  const until = Math.min(...(filters.get('until') ?? []).map(pruneTime));
  const stopped = containers.store.all().filter(({ record }) => {
    const labels = record.config.Labels ?? {};
    return (
      ['created', 'exited', 'dead'].includes(record.state.status) &&
      milliseconds(record.created) < until &&
      (filters.get('label') ?? []).every((value) => labelMatches(labels, value)) &&
      !(filters.get('label!') ?? []).some((value) => labelMatches(labels, value))
    );
  });
  const deleted: string[] = [];
  let space = 0;
  for (const container of stopped) {
    const size = await folderSize(pathsOf(containers, container.id).upper);
    try {
      await removeContainer(containers, container, { force: false, volumes: false });
    } catch (error) {
      if (!isGantryError(error, 'engine/conflict')) throw error;
      continue;
    }
    deleted.push(container.id);
    space += size;
  }
  containers.engine.events.emit('container', 'prune', { id: '', attributes: { reclaimed: String(space) } });
  return { ContainersDeleted: deleted, SpaceReclaimed: space };
}

/** A time before which things are meant: a duration back from now, seconds since the epoch, or a date. */
function pruneTime(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return Date.now() - duration / 1e6;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
