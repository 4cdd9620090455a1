// `docker volume inspect`.
import { inspectVerb } from './inspected.ts';

/** `docker volume inspect VOLUME…`. */
export const volumeInspect = inspectVerb(
  '<volumes...>',
  async (docker, name, options) => await docker.getVolume(name).inspect(options),
);
