// The way to a repository: asks the places of its domain in order until one answers, and begins a conversation there.
import type { Env } from '../../base/env.ts';
import { GantryError, isGantryError } from '../../base/error.ts';
import { ANONYMOUS, type Credentials } from './credentials.ts';
import { endpointsOf, type Endpoint, type EndpointChoice } from './endpoints.ts';
import { createSession, type Session } from './session.ts';
import { registrySettings } from './settings.ts';
import { createTransport, type Transport } from './transport.ts';

/** An open registry; disposed of when the transfer is done. */
export interface RegistryClient extends Disposable {
  /**
   * Tries `work` at each place of a domain, the best first. A place that cannot be reached, or a mirror that does not
   * have it, passes on to the next; what the last one says counts.
   */
  at<T>(place: RegistryPlace, work: (session: Session) => Promise<T>): Promise<T>;
}

/** Which registry, and as whom. */
export interface RegistryPlace extends EndpointChoice {
  readonly domain: string;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

/** A client by the settings as they are now. */
export async function openRegistry(env: Env): Promise<RegistryClient> {
  const transport = createTransport(await registrySettings(env));
  return {
    at: async (place, work) => await tryEach(transport, place, work),
    [Symbol.dispose]: () => transport.close(),
  };
}

async function tryEach<T>(
  transport: Transport,
  place: RegistryPlace,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  for (const endpoint of endpointsOf(transport.settings, place.domain, place)) {
    try {
      return await work(await begin(transport, endpoint, place));
    } catch (error) {
      failures.push(error);
      place.signal.throwIfAborted();
      if (!passesOn(endpoint, error)) break;
    }
  }
  throw mostTelling(failures);
}

/** Learns what authorization the registry wants. A mirror never sees credentials that are for docker.io. */
async function begin(transport: Transport, endpoint: Endpoint, place: RegistryPlace): Promise<Session> {
  const credentials = endpoint.mirror ? ANONYMOUS : place.credentials;
  const session = createSession(transport, endpoint, credentials);
  const ping = await transport.send({
    method: 'GET',
    url: new URL(`${endpoint.base}/v2/`),
    signal: place.signal,
  });
  ping.resume();
  if (ping.statusCode === 401) session.challenged(ping.headers['www-authenticate'] ?? '');
  return session;
}

function passesOn(endpoint: Endpoint, error: unknown): boolean {
  if (endpoint.mirror) return true;
  return isGantryError(error, 'registry/unreachable');
}

/** https is tried before http on loopback: when both fail, a refused connection says more than a failed handshake. */
function mostTelling(failures: readonly unknown[]): unknown {
  return failures.at(-1) ?? new GantryError('registry/unreachable', 'no registry to ask');
}
