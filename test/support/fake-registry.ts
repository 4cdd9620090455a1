// A registry in this process, for what a real one does only when something is broken: every request is kept, and a test
// may answer it instead.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { MEDIA } from '../../src/engine/registry/manifest.ts';
import { tarOf } from './tar.ts';

/** Answers a request when it gives true. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Stored {
  readonly bytes: Buffer;
  readonly type: string;
}

/** A layer, packed. */
export interface FakeLayer {
  readonly digest: string;
  readonly diffId: string;
  readonly bytes: Buffer;
}

/** The registry, listening on a port of 127.0.0.1. */
export class FakeRegistry implements AsyncDisposable {
  /** `METHOD path` of each request, in order. */
  readonly requests: string[] = [];
  /** Authorization of each request, "" for none. */
  readonly authorizations: string[] = [];
  readonly ranges: string[] = [];
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, Stored>();
  intercept: Intercept = () => false;
  /** Layers being sent now, and the most there were at a time. */
  sending = 0;
  mostSending = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => this.#serve(request, response));
  }

  static async start(): Promise<FakeRegistry> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeRegistry(server);
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The server, for what is no request (CONNECT). */
  get server(): Server {
    return this.#server;
  }

  /** Puts an image of layers; gives its layers. The same contents make the same image. */
  add(name: string, tag: string, contents: readonly (string | Buffer)[], architecture = 'amd64'): readonly FakeLayer[] {
    const layers = contents.map((data, index) => layerOf(`file${index}`, data));
    for (const { digest, bytes } of layers) this.blobs.set(digest, bytes);
    const config = Buffer.from(
      JSON.stringify({
        architecture,
        os: 'linux',
        rootfs: { type: 'layers', diff_ids: layers.map((at) => at.diffId) },
      }),
    );
    this.blobs.set(sha256(config), config);
    const described = layers.map(({ digest, bytes }) => ({ mediaType: MEDIA.dockerLayer, digest, size: bytes.length }));
    this.put(name, tag, MEDIA.dockerManifest, {
      schemaVersion: 2,
      mediaType: MEDIA.dockerManifest,
      config: { mediaType: MEDIA.dockerConfig, digest: sha256(config), size: config.length },
      layers: described,
    });
    return layers;
  }

  /** Puts a manifest under a tag and its digest. */
  put(name: string, tag: string, type: string, manifest: object): string {
    const bytes = Buffer.from(JSON.stringify(manifest));
    this.manifests.set(`${name}:${tag}`, { bytes, type });
    this.manifests.set(`${name}:${sha256(bytes)}`, { bytes, type });
    return sha256(bytes);
  }

  /** How often a blob was asked for. */
  fetches(digest: string): number {
    return this.requests.filter((line) => line.startsWith('GET') && line.endsWith(`/blobs/${digest}`)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').replace(/^http:\/\/[^/]*/, '');
    this.requests.push(`${request.method} ${path}`);
    this.authorizations.push(request.headers.authorization ?? '');
    if (request.headers.range !== undefined) this.ranges.push(request.headers.range);
    if (this.intercept(request, response)) return;
    if (path === '/v2/') response.writeHead(200).end('{}');
    else this.#answer(path, request, response);
  }

  #answer(path: string, request: IncomingMessage, response: ServerResponse): void {
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    const found = kind === 'manifests' ? this.manifests.get(`${name}:${reference}`) : undefined;
    if (found !== undefined) {
      response.writeHead(200, { 'Content-Type': found.type, 'Content-Length': found.bytes.length }).end(found.bytes);
      return;
    }
    const blob = this.blobs.get(reference);
    if (blob !== undefined) this.#sendBlob(blob, request, response);
    else refuse(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN', 'manifest unknown');
  }

  #sendBlob(blob: Buffer, request: IncomingMessage, response: ServerResponse): void {
    this.sending += 1;
    this.mostSending = Math.max(this.mostSending, this.sending);
    response.once('close', () => (this.sending -= 1));
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = blob.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'Content-Length': part.length });
    response.end(part);
  }
}

/** Answers as registries refuse. */
export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

function layerOf(name: string, data: string | Buffer): FakeLayer {
  const tar = tarOf({ name, data });
  const bytes = gzipSync(tar);
  return { digest: sha256(bytes), diffId: sha256(tar), bytes };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** True for a request of the blob of that digest. */
export const isBlob = (request: IncomingMessage, digest = ''): boolean =>
  request.url?.endsWith(`/blobs/${digest}`) === true;
