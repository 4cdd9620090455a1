// Creates a container as `docker create` does: gets a missing image first, writes --cidfile, prints warnings.
import { stat, writeFile } from 'node:fs/promises';
import type { CreateContainerBody } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import type { Docker } from '../../client/docker.ts';
import { isHttpError } from '../../client/errors.ts';
import type { Context } from '../context.ts';
import { hasFlag, textFlag, type ContainerFlags } from './flags.ts';

/** Creates it; gives the id. */
export async function createFrom(context: Context, body: CreateContainerBody, flags: ContainerFlags): Promise<string> {
  const docker = await context.docker();
  const pull = pullPolicy(flags);
  const cidfile = textFlag(flags, 'cidfile');
  await checkCidfile(cidfile);
  const options = { name: textFlag(flags, 'name'), platform: textFlag(flags, 'platform') };
  const create = async (): Promise<{ id: string; warnings: readonly string[] }> => await send(docker, body, options);
  const image = { reference: body.Image ?? '', platform: options.platform, quiet: hasFlag(flags, 'quiet') };
  if (pull === 'always') await pullImage(context, image);
  const made = await create().catch(async (error: unknown) => {
    if (pull !== 'missing' || !isHttpError(error, 404)) throw error;
    context.remark(`Unable to find image '${withTag(image.reference)}' locally\n`);
    await pullImage(context, image);
    return await create();
  });
  for (const warning of made.warnings) context.remark(`WARNING: ${warning}\n`);
  if (cidfile !== undefined) await writeFile(cidfile, made.id);
  return made.id;
}

interface Options {
  readonly name: string | undefined;
  readonly platform: string | undefined;
}

async function send(
  docker: Docker,
  body: CreateContainerBody,
  { name, platform }: Options,
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  return await docker.createContainer({ ...body, ...(name === undefined ? {} : { name }), platform });
}

function pullPolicy(flags: ContainerFlags): string {
  const policy = textFlag(flags, 'pull') ?? 'missing';
  if (['always', 'missing', 'never'].includes(policy)) return policy;
  throw new GantryError(
    'usage/invalid-flag',
    `invalid pull option: '${policy}': must be one of "always", "missing" or "never"`,
  );
}

async function checkCidfile(path: string | undefined): Promise<void> {
  if (path === undefined || (await stat(path).catch(() => undefined)) === undefined) return;
  throw new GantryError(
    'usage/invalid-flag',
    `container ID file found, make sure the other container isn't running or delete ${path}`,
  );
}

interface WantedImage {
  readonly reference: string;
  readonly platform: string | undefined;
  readonly quiet: boolean;
}

/** Progress goes to stderr: stdout is the container's. */
async function pullImage(context: Context, { reference, platform, quiet }: WantedImage): Promise<void> {
  const { finishProgress } = await import('../../client/follow.ts');
  const { findCredentials, registryOf } = await import('../../client/docker-config.ts');
  const docker = await context.docker();
  const authconfig = await findCredentials(context.env, registryOf(reference));
  const abortSignal = context.interrupts.signal;
  const answer = await docker.pull(withTag(reference), { authconfig, platform, abortSignal });
  await finishProgress(answer, (line) => {
    if (quiet || line.status === undefined || Object.keys(progressOf(line)).length > 0) return;
    context.remark(`${line.id === undefined ? '' : `${line.id}: `}${line.status}\n`);
  });
}

/** How far a layer is, which only a terminal could redraw. */
function progressOf(line: object): object {
  const detail: unknown = Reflect.get(line, 'progressDetail');
  return typeof detail === 'object' && detail !== null ? detail : {};
}

function withTag(reference: string): string {
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  return last.includes(':') || reference.includes('@') ? reference : `${reference}:latest`;
}
