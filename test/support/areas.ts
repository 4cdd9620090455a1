// The images and volumes areas of an engine without its daemon: a real database and real folders, nothing else.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createLogger } from '../../src/base/log.ts';
import { createImages, type Images } from '../../src/engine/images/images.ts';
import { repositoryTag } from '../../src/engine/images/reference.ts';
import type { ImageStore } from '../../src/engine/images/store.ts';
import type { EngineContext, UsageService, VolumeHold, VolumeRef } from '../../src/engine/services.ts';
import { Database } from '../../src/engine/state/database.ts';
import { createVolumes, type Volumes } from '../../src/engine/volumes/volumes.ts';
import { nativeBinary } from './zygote.ts';

/** What an import is given beside the archive. */
export interface ImportOptions {
  readonly tag?: string;
  readonly changes?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Both areas over one data folder. */
export class TestAreas implements AsyncDisposable {
  readonly data: string;
  /** `type action id` of each event. */
  readonly events: string[] = [];
  /** Containers that use things: by image id or volume name. */
  readonly users = new Map<string, { readonly id: string; readonly running: boolean }[]>();
  images: Images;
  volumes: Volumes;
  store: ImageStore;
  #db: Database;

  private constructor(data: string, parts: Parts) {
    this.data = data;
    this.#db = parts.db;
    this.images = parts.images;
    this.volumes = parts.volumes;
    this.store = parts.store;
  }

  static async create(parent = tmpdir()): Promise<TestAreas> {
    const data = await mkdtemp(join(parent, 'gantry-areas-'));
    const seam: Seam = { users: () => [], event: () => undefined };
    const areas = new TestAreas(data, await open(data, seam));
    areas.#fill(seam);
    return areas;
  }

  /** As after a crash and a new start. */
  async reopen(): Promise<void> {
    this.#db.close();
    const seam: Seam = { users: () => [], event: () => undefined };
    this.#fill(seam);
    const parts = await open(this.data, seam);
    [this.#db, this.images, this.volumes, this.store] = [parts.db, parts.images, parts.volumes, parts.store];
  }

  /** Imports an archive and gives the image's id. */
  async import(tar: Uint8Array | AsyncIterable<Uint8Array>, options: ImportOptions = {}): Promise<string> {
    return await this.images.import(
      {
        body: tar instanceof Uint8Array ? Readable.from([tar]) : tar,
        ref: repositoryTag(options.tag ?? '', ''),
        message: '',
        changes: options.changes ?? [],
        platform: undefined,
      },
      { signal: options.signal ?? new AbortController().signal },
    );
  }

  /** A volume as a container that is being made gets it. */
  async ensure(...[name, options]: Parameters<VolumeHold['ensure']>): Promise<VolumeRef> {
    using hold = this.volumes.hold();
    return await hold.ensure(name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
    await rm(this.data, { recursive: true, force: true });
  }

  #fill(seam: Seam): void {
    seam.users = (key) => this.users.get(key) ?? [];
    seam.event = (line) => this.events.push(line);
  }
}

interface Seam {
  users: (key: string) => readonly { readonly id: string; readonly running: boolean }[];
  event: (line: string) => void;
}

interface Parts {
  readonly db: Database;
  readonly images: Images;
  readonly volumes: Volumes;
  readonly store: ImageStore;
}

async function open(data: string, seam: Seam): Promise<Parts> {
  const db = new Database(data);
  const context: EngineContext = {
    paths: { data, run: data, socket: join(data, 'socket'), tag: '' },
    db,
    log: createLogger(process.stderr, 'error'),
    events: {
      emit: (type, action, { id }) => seam.event(`${type} ${action} ${id}`),
      subscribe: () => undefined,
    },
    signal: new AbortController().signal,
  };
  const ids = (key: string, runningOnly: boolean): string[] =>
    seam.users(key).flatMap(({ id, running }) => (running || !runningOnly ? [id] : []));
  const usage: UsageService = {
    containersOfImage: (id, { runningOnly }) => ids(id, runningOnly),
    containersOfVolume: (name) => ids(name, false),
    containersOfNetwork: () => [],
  };
  const own = { usage, gantryFs: await nativeBinary('gantry-fs') };
  const [made, kept] = [createImages(context, own), createVolumes(context, own)];
  for (const area of [made.area, kept.area]) await area.restore?.({ rebooted: false, signal: context.signal });
  return { db, images: made.images, volumes: kept.volumes, store: made.store };
}
