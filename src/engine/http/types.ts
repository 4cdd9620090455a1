// What a route's handler is given and gives. The router makes one of the other; handlers stay thin over the areas' services.
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { RouteName } from '../../api/routes.ts';

/** Query of a request: Docker's rules for booleans, repeats and filters (API sheet §1). */
export interface Query {
  text(name: string): string | undefined;
  all(name: string): readonly string[];
  /** false = "", 0, no, false, none (any case); anything else given is true. */
  flag(name: string, fallback: boolean): boolean;
  /** Throws engine/bad-parameter when it is no integer. */
  integer(name: string): number | undefined;
  /** `filters`, both JSON forms; throws engine/bad-parameter on bad JSON or a key that is not allowed. */
  filters(allowed?: readonly string[]): ReadonlyMap<string, readonly string[]>;
}

/** One request, after routing. */
export interface ApiRequest {
  /** Decoded path parameters: `id` or `name`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  /** True when the API version of the path (the newest when it has none) is at least this one, e.g. `since('1.44')`. */
  since(version: string): boolean;
  /** The JSON body, null when there is none. Throws engine/bad-parameter on bad JSON, wrong type or over 8 MiB. */
  json(): Promise<unknown>;
  /** The raw body, for archives. */
  readonly body: Readable;
  /** Aborted when the client has gone or the engine ends. */
  readonly signal: AbortSignal;
}

/** A JSON value with a status, 200 if none is given. */
export interface JsonAnswer {
  readonly status?: number;
  readonly json: unknown;
}

/** No body: 204, or 200/201/304 where the API says so. */
export interface EmptyAnswer {
  readonly status: 200 | 201 | 204 | 304;
}

/** A body that is written by `write`; headers are sent before it is called, and it may take as long as it likes. */
export interface StreamAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  write(out: Writable, signal: AbortSignal): Promise<void>;
}

/** A connection taken over: the router sends 101 or 200 with `contentType`, then `serve` owns the raw socket and ends it. */
export interface HijackAnswer {
  readonly contentType: string;
  serve(socket: Socket, signal: AbortSignal): Promise<void>;
}

export type ApiAnswer = JsonAnswer | EmptyAnswer | StreamAnswer | HijackAnswer;

/** Serves one route; throws GantryError for failures (its code gives the status, its message the body). */
export type Handler = (request: ApiRequest) => Promise<ApiAnswer>;

/** Handlers of one area, to be merged into the full table. */
export type Handlers = Partial<Record<RouteName, Handler>>;
