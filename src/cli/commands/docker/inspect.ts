// `docker inspect`: any kind of object, the first that has the name.
import { GantryError } from '../../../base/error.ts';
import type { Docker } from '../../../client/docker.ts';
import { isHttpError } from '../../../client/errors.ts';
import type { DefineVerb } from '../../verb.ts';
import { printEach } from './inspected.ts';

interface Flags {
  readonly format?: string;
  readonly size?: boolean;
  readonly type?: string;
}

/** `docker inspect NAME|ID…`. */
export const inspect: DefineVerb = (command, begin) => {
  command
    .argument('<names...>')
    .option('-f, --format <format>', 'json, or a Go template')
    .option('-s, --size', 'sizes of containers')
    .option('--type <type>', 'container, image, network or volume')
    .action((names: string[], flags: Flags) =>
      begin(async (context) => {
        const kinds = kindsOf(flags.type);
        const docker = await context.docker();
        const options = { size: flags.size ?? false, abortSignal: context.interrupts.signal };
        return await printEach(context, {
          names,
          format: flags.format,
          find: async (name) => await firstOf(name, { docker, kinds, options, only: flags.type !== undefined }),
        });
      }),
    );
};

interface Options {
  readonly size: boolean;
  readonly abortSignal: AbortSignal;
}

type Look = (docker: Docker, name: string, options: Options) => Promise<object>;

/** In the order Docker looks. */
const KINDS: Readonly<Record<string, Look>> = {
  container: async (docker, name, options) => await docker.getContainer(name).inspect(options),
  image: async (docker, name, { abortSignal }) => await docker.getImage(name).inspect({ abortSignal }),
  network: async (docker, name, { abortSignal }) => await docker.getNetwork(name).inspect({ abortSignal }),
  volume: async (docker, name, { abortSignal }) => await docker.getVolume(name).inspect({ abortSignal }),
};

function kindsOf(type: string | undefined): readonly Look[] {
  if (type === undefined || type === '') return Object.values(KINDS);
  const look = KINDS[type];
  if (look === undefined) throw new GantryError('usage/invalid-flag', `"${type}" is not a valid value for --type`);
  return [look];
}

/** A name that is none to one kind (spaces, capitals) may be one to another. */
async function firstOf(
  name: string,
  search: {
    readonly docker: Docker;
    readonly kinds: readonly Look[];
    readonly options: Options;
    readonly only: boolean;
  },
): Promise<object> {
  for (const look of search.kinds) {
    try {
      return await look(search.docker, name, search.options);
    } catch (error) {
      if (search.only || !isHttpError(error, 400, 404)) throw error;
    }
  }
  throw new GantryError('engine/not-found', `No such object: ${name}`);
}
