// The request of a build: options as the API's query has them, credentials in their header.
import type { Readable } from 'node:stream';
import type { CallOptions } from './call.ts';
import type { Query } from './query.ts';
import type { ApiRequest } from './transport.ts';

/** Credentials of one registry, as the API takes them. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
  readonly serveraddress?: string;
}

/** Options of a build; names and meanings are the API's. */
export interface BuildOptions {
  /** Names the image gets. */
  readonly t?: string | readonly string[] | undefined;
  /** Path in the context; default `Dockerfile`. */
  readonly dockerfile?: string | undefined;
  /** Address of a tar or a Dockerfile, instead of a stream. */
  readonly remote?: string | undefined;
  /** Null: the value of the Dockerfile's ARG stays. */
  readonly buildargs?: Readonly<Record<string, string | null>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly target?: string | undefined;
  readonly platform?: string | undefined;
  readonly nocache?: boolean | undefined;
  readonly pull?: boolean | undefined;
  /** Default true. */
  readonly rm?: boolean | undefined;
  readonly forcerm?: boolean | undefined;
  readonly q?: boolean | undefined;
  readonly cachefrom?: readonly string[] | undefined;
  readonly networkmode?: string | undefined;
  /** `host:address`. */
  readonly extrahosts?: readonly string[] | undefined;
  /** Bytes. */
  readonly shmsize?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Bytes, -1 for no limit. */
  readonly memswap?: number | undefined;
  readonly cpushares?: number | undefined;
  readonly cpuperiod?: number | undefined;
  readonly cpuquota?: number | undefined;
  readonly cpusetcpus?: string | undefined;
  readonly cpusetmems?: string | undefined;
  readonly cgroupparent?: string | undefined;
  readonly isolation?: string | undefined;
  readonly ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[] | undefined;
  /** By registry's host; sent as a header, never in the query. */
  readonly registryconfig?: Readonly<Record<string, RegistryAuth>> | undefined;
}

/** The request for `POST /build`. */
export function buildRequest(input: Readable | undefined, options: BuildOptions & CallOptions): ApiRequest {
  const { abortSignal, registryconfig, cachefrom, ulimits, ...rest } = options;
  const asJson = (list: readonly unknown[] | undefined): string | undefined =>
    list === undefined || list.length === 0 ? undefined : JSON.stringify(list);
  const query: Query = { ...rest, cachefrom: asJson(cachefrom), ulimits: asJson(ulimits), version: '1' };
  const auths = Buffer.from(JSON.stringify(registryconfig ?? {})).toString('base64url');
  const headers = registryconfig === undefined ? {} : { 'X-Registry-Config': auths };
  return { method: 'POST', path: '/build', query, input, headers, abortSignal };
}
