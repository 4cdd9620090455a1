// Does one operation: one API call, or one wait. Answers that mean "it is so already" are no failures.
import type { RegistryAuth } from '../client/build.ts';
import type { Container } from '../client/container.ts';
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import type { EventHub } from './event-hub.ts';
import { LABEL } from './labels.ts';
import type { ProgressSink } from './progress.ts';
import { withProfiles } from './seccomp-profiles.ts';
import type { Action, CreateContainerAction, SignalOptions } from './plan.ts';
import { waitFor } from './wait.ts';

/** What operations are done with. */
export interface PerformContext {
  readonly docker: Docker;
  readonly hub: EventHub;
  /** Told of the steps of long operations. */
  readonly progress: ProgressSink;
  /** Cuts waits and transfers short. */
  readonly signal: AbortSignal;
  /** Credentials for the registry of an image. */
  readonly auth?: ((image: string) => Promise<RegistryAuth | undefined>) | undefined;
  /** Credentials for all registries there are any for; needed by builds. */
  readonly auths?: (() => Promise<Readonly<Record<string, RegistryAuth>>>) | undefined;
  /** Called with how far a transfer is. */
  readonly onTransfer?: ((text: string) => void) | undefined;
}

/** A thing done, but not as planned: said and not counted as failure. */
export type Remark = string | undefined;

/** Does the action; gives a remark when there is something to say of it. */
export async function perform(context: PerformContext, action: Action): Promise<Remark> {
  const { docker } = context;
  switch (action.kind) {
    case 'create-network':
      await unless([409], docker.createNetwork(action.body));
      return undefined;
    case 'create-volume':
      await docker.createVolume(action.body);
      return undefined;
    case 'remove-network':
      return await inUse([403, 409], docker.getNetwork(action.id).remove());
    case 'remove-volume':
      return await inUse([409], docker.getVolume(action.name).remove({ force: true }));
    case 'remove-image':
      return await inUse([409], docker.getImage(action.name).remove());
    case 'build': {
      // builds are rare, and their code is not small
      const { performBuild } = await import('./build/perform-build.ts');
      await performBuild(context, action.work);
      return undefined;
    }
    case 'pull':
      await performPull(context, action);
      return undefined;
    case 'wait':
      return await performWait(context, action);
    default:
      await performContainer(docker, action);
      return undefined;
  }
}

type ContainerAction = Exclude<
  Action,
  { kind: `${string}-network` | `${string}-volume` | 'remove-image' | 'build' | 'pull' | 'wait' }
>;

async function performPull(context: PerformContext, action: Extract<Action, { kind: 'pull' }>): Promise<void> {
  const { image, platform } = action;
  const authconfig = await context.auth?.(image);
  const stream = await context.docker.pull(image, { authconfig, platform, abortSignal: context.signal });
  const { followTransfer } = await import('./transfer.ts');
  await followTransfer(stream, context.onTransfer);
}

async function performContainer(docker: Docker, action: ContainerAction): Promise<void> {
  const container = docker.getContainer(action.container);
  switch (action.kind) {
    case 'create':
      await create(docker, action);
      break;
    case 'connect':
      await docker.getNetwork(action.network).connect({ Container: action.container, EndpointConfig: action.endpoint });
      break;
    case 'rename':
      await container.rename({ name: action.to });
      break;
    case 'remove':
      await unless([404, 409], container.remove({ force: action.force, v: action.volumes }));
      break;
    default:
      await signalContainer(container, action.kind, action.options);
  }
}

async function create(docker: Docker, { body, container, platform, files = [] }: CreateContainerAction): Promise<void> {
  const whole = await withProfiles(body);
  const made = await docker.createContainer({ ...whole, name: container, platform }).catch(async (error: unknown) => {
    if (!isHttpError(error, 409) || !(await isTwin(docker, container, body.Labels ?? {}))) throw error;
    return undefined;
  });
  // its maker has put the files in
  if (made === undefined) return;
  if (files.length === 0) return;
  const { injectFiles } = await import('./inject-files.ts');
  await injectFiles(made, files);
}

/** True when another `up` of the same project has just made the very same container. */
async function isTwin(docker: Docker, name: string, labels: Readonly<Record<string, string>>): Promise<boolean> {
  const { Config: config } = await docker.getContainer(name).inspect();
  return [LABEL.project, LABEL.service, LABEL.hash].every((label) => config.Labels?.[label] === labels[label]);
}

async function signalContainer(
  container: Container,
  kind: Extract<Action, { options: SignalOptions }>['kind'],
  { timeout, signal }: SignalOptions,
): Promise<void> {
  switch (kind) {
    case 'start':
      await unless([304], container.start());
      break;
    case 'stop':
      await unless([304, 404], container.stop({ t: timeout }));
      break;
    case 'restart':
      await container.restart({ t: timeout });
      break;
    case 'kill':
      await unless([404, 409], container.kill({ signal }));
      break;
    case 'pause':
      await container.pause();
      break;
    case 'unpause':
      await container.unpause();
      break;
  }
}

async function performWait(context: PerformContext, action: Extract<Action, { kind: 'wait' }>): Promise<Remark> {
  try {
    await waitFor(context, action.container, action.condition);
    return undefined;
  } catch (error) {
    if (action.required || context.signal.aborted) throw error;
    return `optional dependency failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Answers with one of these statuses count as done. */
async function unless(statuses: readonly number[], call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isHttpError(error, ...statuses)) throw error;
  }
}

async function inUse(statuses: readonly number[], call: Promise<unknown>): Promise<Remark> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (isHttpError(error, 404)) return undefined;
    if (isHttpError(error, ...statuses)) return 'Resource is still in use';
    throw error;
  }
}
