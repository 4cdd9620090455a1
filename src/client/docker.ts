// The client of a Docker-compatible engine, in dockerode's shape, promises only. Paths carry no version: an engine
// answers those in its newest, and its `Api-Version` header tells which that is, so nothing is negotiated.
import type { Readable } from 'node:stream';
import type { ContainerSummary, CreateContainerAnswer, CreateContainerBody } from '../api/containers.ts';
import type {
  CreateNetworkBody,
  CreateVolumeBody,
  EngineEvent,
  ImageSummary,
  NetworkInspect,
  VersionAnswer,
  VolumeList,
} from '../api/objects.ts';
import type {
  BuilderPruned,
  ContainersPruned,
  DiskUsage,
  ImagesPruned,
  NetworksPruned,
  VolumesPruned,
} from '../api/usage.ts';
import { GantryError } from '../base/error.ts';
import { parseAddress } from './address.ts';
import type { BuildOptions, RegistryAuth } from './build.ts';
import { splitSignal, type CallOptions } from './call.ts';
import { Container } from './container.ts';
import { Exec } from './exec.ts';
import { followJson } from './follow.ts';
import { Image } from './image.ts';
import { Network } from './network.ts';
import {
  authHeader,
  pullRequest,
  type LoginAnswer,
  type PullOptions,
  type SearchItem,
  type SearchOptions,
} from './registry.ts';
import { createTransport, type ApiRequest, type Transport, type TransportOptions } from './transport.ts';
import { Volume } from './volume.ts';

/** Values by filter name, as the API takes them. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** What all prunes take. */
export type PruneOptions = CallOptions & { readonly filters?: Filters };

/** A stream of events that is open: nothing that happens from now on is missed. */
export interface EventStream {
  readonly events: AsyncIterable<EngineEvent>;
  close(): void;
}

/** An engine. */
export class Docker {
  readonly modem: Transport;

  /** `host` as in DOCKER_HOST. */
  constructor({ host, ...options }: { readonly host: string } & TransportOptions) {
    this.modem = createTransport(parseAddress(host), options);
  }

  getContainer(id: string): Container {
    return new Container(this.modem, id);
  }

  getExec(id: string): Exec {
    return new Exec(this.modem, id);
  }

  getImage(name: string): Image {
    return new Image(this.modem, name);
  }

  getNetwork(id: string): Network {
    return new Network(this.modem, id);
  }

  getVolume(name: string): Volume {
    return new Volume(this.modem, name);
  }

  async listContainers(
    options: CallOptions & {
      readonly all?: boolean;
      readonly size?: boolean;
      readonly limit?: number;
      readonly filters?: Filters;
    } = {},
  ): Promise<readonly ContainerSummary[]> {
    return await this.#list('/containers/json', options);
  }

  async createContainer(
    options: CreateContainerBody & CallOptions & { readonly name?: string; readonly platform?: string | undefined },
  ): Promise<Container & { readonly warnings: readonly string[] }> {
    const { abortSignal, name, platform, ...body } = options;
    const request: ApiRequest = {
      method: 'POST',
      path: '/containers/create',
      query: { name, platform },
      body,
      abortSignal,
    };
    const answer = await this.modem.json<CreateContainerAnswer>(request);
    return Object.assign(this.getContainer(answer.Id), { warnings: answer.Warnings });
  }

  async listImages(
    options: CallOptions & { readonly all?: boolean; readonly filters?: Filters } = {},
  ): Promise<readonly ImageSummary[]> {
    return await this.#list('/images/json', options);
  }

  /** Makes an image of a tar, or of what a URL has; the stream tells of the progress, its last line has the id. */
  async importImage(
    input: Readable | URL,
    options: CallOptions & {
      readonly repo?: string;
      readonly tag?: string;
      readonly message?: string | undefined;
      readonly platform?: string | undefined;
      readonly changes?: readonly string[];
    } = {},
  ): Promise<Readable> {
    const source = input instanceof URL ? { fromSrc: input.href } : { fromSrc: '-' };
    const { abortSignal, query } = splitSignal({ ...options, ...source });
    const request = { method: 'POST', path: '/images/create', query, abortSignal } as const;
    return await this.modem.open(input instanceof URL ? request : { ...request, input });
  }

  /** Images with their names as one archive. */
  async getImages(
    options: CallOptions & { readonly names: readonly string[]; readonly platform?: string | undefined },
  ): Promise<Readable> {
    return await this.modem.open({ method: 'GET', path: '/images/get', ...splitSignal(options) });
  }

  /** Takes in an archive of images; the stream tells what was loaded, a failure is a line of it. */
  async loadImage(
    input: Readable,
    options: CallOptions & { readonly quiet?: boolean; readonly platform?: string | undefined } = {},
  ): Promise<Readable> {
    return await this.modem.open({ method: 'POST', path: '/images/load', input, ...splitSignal(options) });
  }

  /**
   * Builds an image of a tar, or of what `remote` names; the stream tells of the progress, its last line may be an
   * error (`finishProgress` throws it). Names of options are those of the API.
   */
  async buildImage(input: Readable | undefined, options: BuildOptions & CallOptions = {}): Promise<Readable> {
    const { buildRequest } = await import('./build.ts');
    const request = buildRequest(input, options);
    const answer = await this.modem.open(request);
    input?.once('error', (error) => answer.destroy(error));
    return answer;
  }

  /** Pulls an image; the stream tells of the progress, its last line may be an error (`finishProgress` throws it). */
  async pull(reference: string, options: PullOptions = {}): Promise<Readable> {
    return await this.modem.open(pullRequest(reference, options));
  }

  /** Lets the engine log in; throws when the registry refuses. */
  async checkAuth(auth: RegistryAuth, options: CallOptions = {}): Promise<LoginAnswer> {
    return await this.modem.json({ method: 'POST', path: '/auth', body: auth, abortSignal: options.abortSignal });
  }

  async searchImages(options: SearchOptions): Promise<readonly SearchItem[]> {
    const { abortSignal, authconfig, ...query } = options;
    const headers = authHeader(authconfig);
    return await this.modem.json({ method: 'GET', path: '/images/search', query: { ...query }, headers, abortSignal });
  }

  async listNetworks(options: CallOptions & { readonly filters?: Filters } = {}): Promise<readonly NetworkInspect[]> {
    return await this.#list('/networks', options);
  }

  async createNetwork(options: CreateNetworkBody & CallOptions): Promise<Network> {
    const { abortSignal, ...body } = options;
    const { Id } = await this.modem.json<{ Id: string }>({
      method: 'POST',
      path: '/networks/create',
      body,
      abortSignal,
    });
    return this.getNetwork(Id);
  }

  async listVolumes(options: CallOptions & { readonly filters?: Filters } = {}): Promise<VolumeList> {
    return await this.#get('/volumes', options);
  }

  async createVolume(options: CreateVolumeBody & CallOptions = {}): Promise<Volume> {
    const { abortSignal, ...body } = options;
    const { Name } = await this.modem.json<{ Name: string }>({
      method: 'POST',
      path: '/volumes/create',
      body,
      abortSignal,
    });
    return this.getVolume(Name);
  }

  /** Removes stopped containers. */
  async pruneContainers(options: PruneOptions = {}): Promise<ContainersPruned> {
    return await this.#prune('/containers/prune', options);
  }

  /** Removes images without a name; with the filter `dangling: ['false']` all that no container uses. */
  async pruneImages(options: PruneOptions = {}): Promise<ImagesPruned> {
    return await this.#prune('/images/prune', options);
  }

  /** Removes networks that no container uses. */
  async pruneNetworks(options: PruneOptions = {}): Promise<NetworksPruned> {
    return await this.#prune('/networks/prune', options);
  }

  /** Removes anonymous volumes that no container uses; with the filter `all: ['true']` named ones too. */
  async pruneVolumes(options: PruneOptions = {}): Promise<VolumesPruned> {
    return await this.#prune('/volumes/prune', options);
  }

  /** Empties the build cache of what nothing uses; `all`: of everything. */
  async pruneBuilder(options: PruneOptions & { readonly all?: boolean } = {}): Promise<BuilderPruned> {
    return await this.#prune('/build/prune', options);
  }

  /** What images, containers, volumes and the build cache take. */
  async df(options: CallOptions = {}): Promise<DiskUsage> {
    return await this.#get('/system/df', options);
  }

  /** Opens the event stream; resolves when the engine has it open. `since` and `until` are Unix seconds. */
  async getEvents(
    options: CallOptions & {
      readonly filters?: Filters;
      readonly since?: number | string | undefined;
      readonly until?: number | string | undefined;
    } = {},
  ): Promise<EventStream> {
    const answer = await this.modem.open({ method: 'GET', path: '/events', ...splitSignal(options) });
    return { events: followJson<EngineEvent>(answer), close: () => void answer.destroy() };
  }

  async version(options: CallOptions = {}): Promise<VersionAnswer> {
    return await this.#get('/version', options);
  }

  async info(options: CallOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    return await this.#get('/info', options);
  }

  /** `OK` from an engine that is there. */
  async ping(options: CallOptions = {}): Promise<Buffer> {
    return await this.modem.read({ method: 'GET', path: '/_ping', abortSignal: options.abortSignal });
  }

  /** Ends idle connections, so that the process can end. */
  close(): void {
    this.modem.close();
  }

  async #get<T>(path: string, options: CallOptions): Promise<T> {
    return await this.modem.json({ method: 'GET', path, ...splitSignal(options) });
  }

  async #prune<T>(path: string, options: PruneOptions): Promise<T> {
    return await this.modem.json({ method: 'POST', path, ...splitSignal(options) });
  }

  async #list<T>(path: string, options: CallOptions): Promise<readonly T[]> {
    const list = await this.#get<unknown>(path, options);
    if (!Array.isArray(list)) throw new GantryError('client/protocol', `GET ${path}: the answer is no list`);
    return list as T[];
  }
}
