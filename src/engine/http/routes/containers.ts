// The container routes: query and body in, one command of the containers area, its answer out.
import type { ContainerConfig, CreateContainerBody } from '../../../api/containers.ts';
import { MULTIPLEXED_TYPE, RAW_TYPE } from '../../../api/frames.ts';
import { GantryError } from '../../../base/error.ts';
import { serveAttach } from '../../containers/attach.ts';
import { commitContainer } from '../../containers/commit.ts';
import type { Container } from '../../containers/container.ts';
import type { Containers } from '../../containers/context.ts';
import { createContainer } from '../../containers/create/create.ts';
import { inspectContainer } from '../../containers/inspect.ts';
import { mayDo, mustDo } from '../../containers/life-cycle.ts';
import { listContainers } from '../../containers/list.ts';
import { LIST_FILTERS } from '../../containers/list-filters.ts';
import { checkLogs, writeLogs } from '../../containers/logs/logs.ts';
import { logOptions } from '../../containers/logs/log-query.ts';
import { pauseContainer, unpauseContainer } from '../../containers/pause.ts';
import { PRUNE_FILTERS, pruneContainers } from '../../containers/prune.ts';
import { removeContainer } from '../../containers/remove.ts';
import { renameContainer } from '../../containers/rename.ts';
import { CREATE_BODY, UPDATE_BODY } from '../../containers/shapes.ts';
import { startContainer } from '../../containers/start/start.ts';
import { checkStats, writeStats } from '../../containers/stats/stats.ts';
import { killContainer, restartContainer, stopContainer, type StopOptions } from '../../containers/stop.ts';
import { topContainer } from '../../containers/top.ts';
import { updateContainer, type UpdateBody } from '../../containers/update.ts';
import { parseCondition, waitFor } from '../../containers/wait.ts';
import { CONFIG_FIELDS, CONFIG_SHAPE } from '../config-shape.ts';
import { checkShape, type Shape } from '../shape.ts';
import type { ApiRequest, Handler, Handlers, JsonAnswer } from '../types.ts';

const NO_CONTENT = { status: 204 } as const;

/** Serves the routes of containers. */
export function containerHandlers(containers: Containers): Handlers {
  return { ...commandHandlers(containers), ...readHandlers(containers), ...streamHandlers(containers) };
}

/** The container a request names. */
export function containerOf({ store }: Containers, request: ApiRequest): Container {
  return store.find(request.params['id'] ?? '');
}

function commandHandlers(containers: Containers): Handlers {
  const command = (run: (container: Container, request: ApiRequest) => Promise<void>): Handler => {
    return async (request) => {
      await run(containerOf(containers, request), request);
      return NO_CONTENT;
    };
  };
  return {
    containerCreate: async (request) => {
      const body = await readBody<CreateContainerBody>(request, CREATE_BODY);
      if (body === null)
        throw new GantryError('engine/bad-parameter', 'invalid JSON: got EOF while reading request body');
      const platform = request.query.text('platform') ?? '';
      if (platform !== '') containers.images.resolve(body.Image ?? '', platform);
      return { status: 201, json: await createContainer(containers, request.query.text('name') ?? '', body) };
    },
    containerStart: command(async (container) => startContainer(containers, container)),
    containerStop: command(async (container, request) => stopContainer(containers, container, stopOptions(request))),
    containerRestart: command(async (container, request) =>
      restartContainer(containers, container, stopOptions(request)),
    ),
    containerKill: command(async (container, { query }) =>
      killContainer(containers, container, query.text('signal') || 'KILL'),
    ),
    containerPause: command(async (container) => pauseContainer(containers, container)),
    containerUnpause: command(async (container) => unpauseContainer(containers, container)),
    containerRename: command(async (container, { query }) =>
      renameContainer(containers, container, query.text('name') ?? ''),
    ),
    containerRemove: command(async (container, { query }) =>
      removeContainer(containers, container, { force: query.flag('force', false), volumes: query.flag('v', false) }),
    ),
    containerResize: async (request) => {
      const container = containerOf(containers, request);
      mustDo('resize', container.record);
      await container.shim?.resize(windowSize(request));
      return { status: 200 };
    },
    containerUpdate: async (request) => {
      await updateContainer(
        containers,
        containerOf(containers, request),
        (await readBody<UpdateBody>(request, UPDATE_BODY)) ?? {},
      );
      return { json: { Warnings: [] } };
    },
    containerCommit: async (request) => await commit(containers, request),
    containerPrune: async (request) => ({
      json: await pruneContainers(containers, request.query.filters(PRUNE_FILTERS)),
    }),
  };
}

async function commit(containers: Containers, request: ApiRequest): Promise<JsonAnswer> {
  const { query, signal } = request;
  const text = (name: string): string => query.text(name) ?? '';
  const container = containers.store.find(text('container'));
  const config = await readBody<ContainerConfig>(request, CONFIG_SHAPE);
  const options = {
    ...{ repo: text('repo'), tag: text('tag'), author: text('author'), comment: text('comment') },
    ...{ changes: query.all('changes'), pause: text('pause') === '' || query.flag('pause', true) },
    config: config === null ? undefined : knownFields(config),
  };
  return { status: 201, json: { Id: await commitContainer(containers, container, options, signal) } };
}

/** dockerode sends its options as the body too; only what a configuration has may reach an image. */
function knownFields(config: ContainerConfig): ContainerConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key in CONFIG_FIELDS));
}

function readHandlers(containers: Containers): Handlers {
  return {
    containerList: async ({ query }) => ({
      json: await listContainers(containers, {
        all: query.flag('all', false),
        limit: query.integer('limit') ?? 0,
        size: query.flag('size', false),
        filters: query.filters(LIST_FILTERS),
      }),
    }),
    containerInspect: async (request) => ({
      json: await inspectContainer(containers, containerOf(containers, request), {
        size: request.query.flag('size', false),
      }),
    }),
    containerTop: async (request) => ({
      json: await topContainer(containers, containerOf(containers, request), request.query.text('ps_args') ?? ''),
    }),
  };
}

function streamHandlers(containers: Containers): Handlers {
  return {
    containerWait: async (request) => {
      const container = containerOf(containers, request);
      const condition = parseCondition(request.query.text('condition'));
      const answer = waitFor(containers, container, { condition, signal: request.signal });
      return await Promise.resolve({
        headers: { 'Content-Type': 'application/json' },
        write: async (out) => void out.write(`${JSON.stringify((await answer) ?? null)}\n`),
      });
    },
    containerLogs: async (request) => {
      const container = containerOf(containers, request);
      const options = logOptions(request.query);
      checkLogs(container, options);
      return await Promise.resolve({
        headers: { 'Content-Type': streamType(request, container.record.config.Tty === true) },
        write: async (out, signal) => writeLogs(containers, container, options, { out, signal }),
      });
    },
    containerStats: async (request) => {
      const container = containerOf(containers, request);
      const options = { stream: request.query.flag('stream', true), oneShot: request.query.flag('one-shot', false) };
      checkStats(options);
      return await Promise.resolve({
        headers: { 'Content-Type': 'application/json' },
        write: async (out, signal) => writeStats(containers, container, options, { out, signal }),
      });
    },
    containerAttach: async (request) => {
      const container = containerOf(containers, request);
      const { query } = request;
      mayDo('attach', container.record);
      const wanted = {
        ...{
          stdin: query.flag('stdin', false),
          stdout: query.flag('stdout', false),
          stderr: query.flag('stderr', false),
        },
        ...{
          logs: query.flag('logs', false),
          stream: query.flag('stream', false),
          detachKeys: query.text('detachKeys') ?? '',
        },
      };
      return await Promise.resolve({
        contentType: streamType(request, container.record.config.Tty === true),
        serve: async (socket, signal) => serveAttach(containers, container, wanted, { socket, signal }),
      });
    },
  };
}

/** The JSON body, checked to be of the shape its type says; null when there is none. */
export async function readBody<T>(request: ApiRequest, shape: Shape): Promise<T | null> {
  const body = await request.json();
  checkShape(body, shape, 'body');
  return body as T | null;
}

/** Framed streams have a name of their own since 1.42. */
export function streamType(request: ApiRequest, tty: boolean): string {
  return !tty && request.since('1.42') ? MULTIPLEXED_TYPE : RAW_TYPE;
}

/** `h` and `w` of a resize. Throws engine/bad-parameter when one is missing. */
export function windowSize({ query }: ApiRequest): { readonly rows: number; readonly cols: number } {
  const [rows, cols] = [query.integer('h'), query.integer('w')];
  if (rows === undefined || cols === undefined)
    throw new GantryError('engine/bad-parameter', 'invalid resize height or width');
  return { rows, cols };
}

function stopOptions(request: ApiRequest): StopOptions {
  return {
    timeout: request.query.integer('t'),
    signal: request.since('1.42') ? request.query.text('signal') : undefined,
  };
}
