// `docker image inspect`.
import { inspectVerb } from './inspected.ts';

/** `docker image inspect IMAGE…`. */
export const imageInspect = inspectVerb(
  '<images...>',
  async (docker, name, options) => await docker.getImage(name).inspect(options),
);
