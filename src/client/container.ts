// Calls on one container, in dockerode's shape. The id may be an id, a unique prefix of one, or a name.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type {
  ContainerConfig,
  ContainerInspect,
  CreateExecBody,
  UpdateContainerBody,
  WaitAnswer,
} from '../api/containers.ts';
import type { ContainerStats } from '../api/stats.ts';
import { splitSignal, type CallOptions } from './call.ts';
import { isHttpError } from './errors.ts';
import { Exec } from './exec.ts';
import { followJson } from './follow.ts';
import { hijack, type Hijacked } from './hijack.ts';
import type { Transport } from './transport.ts';

/** `t` is seconds; absent: the container's own. */
export type StopOptions = CallOptions & { readonly t?: number | undefined; readonly signal?: string | undefined };

/** Options of `logs`; `since` and `until` are Unix seconds with a fraction, `tail` a number or `all`. */
export type LogsOptions = CallOptions & {
  readonly follow?: boolean | undefined;
  readonly stdout?: boolean | undefined;
  readonly stderr?: boolean | undefined;
  readonly timestamps?: boolean | undefined;
  readonly since?: number | string | undefined;
  readonly until?: number | string | undefined;
  readonly tail?: number | string | undefined;
};

/** Options of `attach`. */
export type AttachOptions = CallOptions & {
  readonly stream?: boolean | undefined;
  readonly stdin?: boolean | undefined;
  readonly stdout?: boolean | undefined;
  readonly stderr?: boolean | undefined;
  readonly logs?: boolean | undefined;
  readonly detachKeys?: string | undefined;
};

/** Options of `commit`. */
export type CommitOptions = CallOptions & {
  readonly repo?: string | undefined;
  readonly tag?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  /** Dockerfile instructions. */
  readonly changes?: readonly string[] | undefined;
  /** True unless given. */
  readonly pause?: boolean | undefined;
  readonly config?: ContainerConfig | undefined;
};

/** Options of `putArchive`. */
export type PutArchiveOptions = CallOptions & {
  readonly path: string;
  /** A folder and what is none must not take each other's place. */
  readonly noOverwriteDirNonDir?: boolean;
  /** Everything becomes the user's that the container runs as. */
  readonly copyUIDGID?: boolean;
};

/** Options of `stats`. */
export type StatsOptions = CallOptions & { readonly stream: boolean; readonly 'one-shot'?: boolean };

/** One of `changes`. */
export interface ContainerChange {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

/** Answer of `top`. */
export interface TopAnswer {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

/** A handle; making one calls nothing. */
export class Container {
  readonly modem: Transport;
  readonly id: string;

  constructor(modem: Transport, id: string) {
    this.modem = modem;
    this.id = id;
  }

  async inspect(options: CallOptions & { readonly size?: boolean } = {}): Promise<ContainerInspect> {
    return await this.modem.json({ method: 'GET', path: this.#path('json'), ...splitSignal(options) });
  }

  /** Rejects with status 304 when it runs already. */
  async start(options: CallOptions & { readonly detachKeys?: string } = {}): Promise<void> {
    await this.#post('start', options);
  }

  /** Rejects with status 304 when it is stopped already; answers once it is stopped. */
  async stop(options: StopOptions = {}): Promise<void> {
    await this.#post('stop', options);
  }

  async restart(options: StopOptions = {}): Promise<void> {
    await this.#post('restart', options);
  }

  async kill(options: CallOptions & { readonly signal?: string | undefined } = {}): Promise<void> {
    await this.#post('kill', options);
  }

  async pause(options: CallOptions = {}): Promise<void> {
    await this.#post('pause', options);
  }

  async unpause(options: CallOptions = {}): Promise<void> {
    await this.#post('unpause', options);
  }

  async rename(options: CallOptions & { readonly name: string }): Promise<void> {
    await this.#post('rename', options);
  }

  /** Changes limits and the restart policy. */
  async update(options: UpdateContainerBody & CallOptions): Promise<{ readonly Warnings: readonly string[] | null }> {
    const { abortSignal, ...body } = options;
    return await this.modem.json({ method: 'POST', path: this.#path('update'), body, abortSignal });
  }

  async resize(options: CallOptions & { readonly h: number; readonly w: number }): Promise<void> {
    await this.#post('resize', options);
  }

  async remove(
    options: CallOptions & { readonly force?: boolean; readonly v?: boolean; readonly link?: boolean } = {},
  ): Promise<void> {
    await this.modem.read({
      method: 'DELETE',
      path: `/containers/${encodeURIComponent(this.id)}`,
      ...splitSignal(options),
    });
  }

  /** Resolves when the condition (`not-running`, `next-exit`, `removed`) holds. */
  async wait(options: CallOptions & { readonly condition?: string } = {}): Promise<WaitAnswer> {
    const answer = await this.modem.open({ method: 'POST', path: this.#path('wait'), ...splitSignal(options) });
    for await (const line of followJson<WaitAnswer>(answer)) return line;
    return { StatusCode: 0 };
  }

  async top(options: CallOptions & { readonly ps_args?: string | undefined } = {}): Promise<TopAnswer> {
    return await this.modem.json({ method: 'GET', path: this.#path('top'), ...splitSignal(options) });
  }

  /** The log as a stream, framed unless the container has a terminal. */
  async logs(options: LogsOptions & { readonly follow: true }): Promise<Readable>;
  /** The log so far, framed unless the container has a terminal. */
  async logs(options?: LogsOptions): Promise<Buffer>;
  async logs(options: LogsOptions = {}): Promise<Readable | Buffer> {
    const request = { method: 'GET', path: this.#path('logs'), ...splitSignal(options) } as const;
    return options.follow === true ? await this.modem.open(request) : await this.modem.read(request);
  }

  /** Its streams; resolves when the engine has attached them, so nothing written later is lost. */
  async attach(options: AttachOptions = {}): Promise<Hijacked> {
    const { abortSignal, query } = splitSignal({ stream: true, ...options });
    return await hijack(this.modem, { method: 'POST', path: this.#path('attach'), query, abortSignal });
  }

  /** Prepares a command; `start` of what comes back runs it. */
  async exec(options: CreateExecBody & CallOptions): Promise<Exec> {
    const { abortSignal, ...body } = options;
    const path = this.#path('exec');
    const { Id } = await this.modem.json<{ Id: string }>({ method: 'POST', path, body, abortSignal });
    return new Exec(this.modem, Id);
  }

  /** Makes an image of what it wrote; `config` is a configuration in place of its own. */
  async commit(options: CommitOptions = {}): Promise<{ readonly Id: string }> {
    const { abortSignal, config, ...query } = options;
    const request = { method: 'POST', path: '/commit', query: { container: this.id, ...query }, abortSignal } as const;
    return await this.modem.json({ ...request, ...(config === undefined ? {} : { body: config }) });
  }

  /** What a path is, in the header `x-docker-container-path-stat`. */
  async infoArchive(options: CallOptions & { readonly path: string }): Promise<IncomingMessage> {
    const answer = await this.modem.open({ method: 'HEAD', path: this.#path('archive'), ...splitSignal(options) });
    answer.resume();
    return answer;
  }

  /** A tar of a path, with the same header; entries begin with its last part, or with "." behind a `/.`. */
  async getArchive(options: CallOptions & { readonly path: string }): Promise<IncomingMessage> {
    return await this.modem.open({ method: 'GET', path: this.#path('archive'), ...splitSignal(options) });
  }

  /** Unpacks a tar, compressed or not, into a folder that is there. */
  async putArchive(archive: Readable | Uint8Array, options: PutArchiveOptions): Promise<void> {
    // in one piece: a stream of bytes would be sent byte by byte
    const input = archive instanceof Uint8Array ? Readable.from([archive]) : archive;
    await this.modem.read({ method: 'PUT', path: this.#path('archive'), input, ...splitSignal(options) });
  }

  /** A tar of all its files, without mounts. */
  async export(options: CallOptions = {}): Promise<Readable> {
    return await this.modem.open({ method: 'GET', path: this.#path('export'), ...splitSignal(options) });
  }

  /** What it changed in its image: 0 modified, 1 added, 2 deleted. */
  async changes(options: CallOptions = {}): Promise<readonly ContainerChange[]> {
    const request = { method: 'GET', path: this.#path('changes'), ...splitSignal(options) } as const;
    return (await this.modem.json<readonly ContainerChange[] | null>(request)) ?? [];
  }

  /** Samples as a stream of JSON lines, one a second. */
  async stats(options: CallOptions & { readonly stream: true }): Promise<Readable>;
  /** One sample, with the one before it unless `one-shot` is given. */
  async stats(options: StatsOptions & { readonly stream: false }): Promise<ContainerStats>;
  async stats(options: StatsOptions): Promise<Readable | ContainerStats> {
    const request = { method: 'GET', path: this.#path('stats'), ...splitSignal(options) } as const;
    return options.stream ? await this.modem.open(request) : await this.modem.json<ContainerStats>(request);
  }

  /** Removes absolute paths without any program of the image. False when this engine can't: then `rm` has to be run. */
  async deletePaths(options: CallOptions & { readonly paths: readonly string[] }): Promise<boolean> {
    const path = `/gantry/containers/${encodeURIComponent(this.id)}/delete`;
    const body = { Paths: options.paths };
    try {
      await this.modem.read({ method: 'POST', path, body, abortSignal: options.abortSignal });
      return true;
    } catch (error) {
      if (isHttpError(error, 404, 405, 501) && !error.message.includes('No such container')) return false;
      throw error;
    }
  }

  #path(action: string): string {
    return `/containers/${encodeURIComponent(this.id)}/${action}`;
  }

  async #post(action: string, options: CallOptions): Promise<void> {
    await this.modem.read({ method: 'POST', path: this.#path(action), ...splitSignal(options) });
  }
}
