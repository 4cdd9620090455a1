// Calls that make an engine speak to a registry: their requests, with credentials in their header.
import type { CallOptions } from './call.ts';
import type { RegistryAuth } from './build.ts';
import type { ApiRequest } from './transport.ts';

/** Options of a pull. */
export interface PullOptions extends CallOptions {
  readonly authconfig?: RegistryAuth | undefined;
  /** `linux/arm64`. */
  readonly platform?: string | undefined;
  /** All tags of the repository. */
  readonly all?: boolean;
}

/** Options of a push. */
export interface PushOptions extends CallOptions {
  readonly authconfig?: RegistryAuth | undefined;
  readonly tag?: string | undefined;
}

/** Options of a search. */
export interface SearchOptions extends CallOptions {
  readonly authconfig?: RegistryAuth | undefined;
  readonly term: string;
  readonly limit?: number | undefined;
  readonly filters?: Readonly<Record<string, readonly string[]>>;
}

/** An item of a search. */
export interface SearchItem {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
}

/** Answer of a login. */
export interface LoginAnswer {
  readonly Status: string;
  readonly IdentityToken?: string;
}

/** What a registry has under a name. */
export interface DistributionAnswer {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Platforms: readonly { readonly architecture: string; readonly os: string; readonly variant?: string }[];
}

/** The request of a pull; a name with neither tag nor digest means its `latest`. */
export function pullRequest(reference: string, options: PullOptions): ApiRequest {
  const { name, tag } = splitName(reference);
  const wanted = tag ?? (options.all === true ? '' : 'latest');
  const query = { fromImage: name, tag: wanted, platform: options.platform };
  const headers = authHeader(options.authconfig);
  return { method: 'POST', path: '/images/create', query, headers, abortSignal: options.abortSignal };
}

/** X-Registry-Auth; `e30=` stands for nobody. */
export function authHeader(auth: RegistryAuth | undefined): Readonly<Record<string, string>> {
  return { 'X-Registry-Auth': Buffer.from(JSON.stringify(auth ?? {})).toString('base64url') };
}

function splitName(reference: string): { readonly name: string; readonly tag: string | undefined } {
  const at = reference.indexOf('@');
  if (at >= 0) return { name: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { name: reference, tag: undefined };
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
