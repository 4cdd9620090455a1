// Which areas the engine has, what each is given of the others, and the order they are restored in.
import type { Area, EngineContext } from './services.ts';

/** Makes the areas, in the order of `restore`; what has to be let go at the end is put on `undo`. */
export async function createAreas(context: EngineContext, undo: AsyncDisposableStack): Promise<readonly Area[]> {
  const areas: readonly Area[] = [];
  for (const area of areas) undo.defer(async () => area.close?.());
  context.log.debug('areas made', { count: areas.length });
  return await Promise.resolve(areas);
}
