// The part of dockerode that tests use; the package has no types of its own.
declare module 'dockerode' {
  import type { Duplex } from 'node:stream';

  interface LogOptions {
    readonly stdout?: boolean;
    readonly stderr?: boolean;
    readonly tail?: number;
  }
  interface Exec {
    start(options: object): Promise<Duplex>;
    inspect(): Promise<{ readonly Running: boolean; readonly ExitCode: number | null }>;
  }
  interface Container {
    readonly id: string;
    start(): Promise<unknown>;
    stop(options?: object): Promise<unknown>;
    wait(): Promise<{ readonly StatusCode: number }>;
    infoArchive(options: { readonly path: string }): Promise<unknown>;
    getArchive(options: { readonly path: string }): Promise<NodeJS.ReadableStream>;
    putArchive(file: Uint8Array, options: { readonly path: string }): Promise<unknown>;
    stats(options: object): Promise<unknown>;
    remove(options?: object): Promise<unknown>;
    inspect(): Promise<{ readonly Config: { readonly Env: readonly string[] } }>;
    exec(options: object): Promise<Exec>;
    commit(options: object): Promise<unknown>;
    attach(options: object): Promise<Duplex>;
    logs(options: LogOptions & { readonly follow: true }): Promise<Duplex>;
    logs(options: LogOptions & { readonly follow: false }): Promise<Buffer>;
  }
  interface Image {
    get(): Promise<NodeJS.ReadableStream>;
  }
  interface Network {
    inspect(): Promise<unknown>;
    connect(options: object): Promise<unknown>;
    disconnect(options: object): Promise<unknown>;
    remove(): Promise<unknown>;
  }
  class Docker {
    constructor(options: { readonly socketPath: string });
    readonly modem: {
      followProgress(
        stream: NodeJS.ReadableStream,
        done: (error: Error | null, lines: readonly object[]) => void,
      ): void;
      demuxStream(stream: NodeJS.ReadableStream, out: NodeJS.WritableStream, err: NodeJS.WritableStream): void;
    };
    ping(): Promise<Buffer>;
    version(): Promise<unknown>;
    df(): Promise<unknown>;
    info(): Promise<unknown>;
    run(image: string, cmd: readonly string[], out: unknown, options: object): Promise<unknown>;
    getContainer(id: string): Container;
    createContainer(options: object): Promise<Container>;
    getImage(name: string): Image;
    buildImage(
      context: { readonly context: string; readonly src: readonly string[] } | NodeJS.ReadableStream,
      options: object,
    ): Promise<NodeJS.ReadableStream>;
    loadImage(archive: NodeJS.ReadableStream): Promise<NodeJS.ReadableStream>;
    createNetwork(options: object): Promise<Network>;
    getEvents(options: object): Promise<Duplex>;
  }
  namespace Docker {
    export { Container, Exec, Network };
  }
  export = Docker;
}
