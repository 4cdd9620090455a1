// Where an engine listens, from the text of --host or DOCKER_HOST. Reads no environment.
import { GantryError } from '../base/error.ts';

/** A unix socket or a plain TCP address; `text` is for messages. */
export type EngineAddress =
  | { readonly kind: 'unix'; readonly path: string; readonly text: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly text: string };

const DEFAULT_PORT = 2375;

/** Reads `unix:///path`, `/path`, `tcp://host:port` or `http://host:port`; throws usage/invalid-flag for the rest. */
export function parseAddress(text: string): EngineAddress {
  if (text.startsWith('/')) return unixAddress(text);
  if (text.startsWith('unix://')) return unixAddress(text.slice('unix://'.length));
  const tcp = /^(?:tcp|http):\/\/(\[[0-9a-fA-F:]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(text);
  if (tcp?.[1] === undefined) {
    throw new GantryError('usage/invalid-flag', `cannot use engine address "${text}"`, {
      hint: 'write unix:///path/to.sock or tcp://host:port',
    });
  }
  const host = tcp[1].replace(/^\[|\]$/g, '');
  return { kind: 'tcp', host, port: tcp[2] === undefined ? DEFAULT_PORT : Number(tcp[2]), text };
}

function unixAddress(path: string): EngineAddress {
  return { kind: 'unix', path: path === '' ? '/var/run/docker.sock' : path, text: `unix://${path}` };
}
