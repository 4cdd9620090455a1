// Raw requests to an engine's socket, for tests that must not depend on our own client.
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What the engine answered. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request over the socket. */
export async function callApi(socketPath: string, path: string, method = 'GET'): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method }, (answer) => {
      buffer(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body: body.toString() }), reject);
    });
    outgoing.on('error', reject).end();
  });
}

/** An event of the engine, as far as tests look at it. */
export interface SeenEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

/** All events since a time (unix seconds) until now. */
export async function eventsSince(socketPath: string, since: number): Promise<SeenEvent[]> {
  const until = Date.now() / 1000;
  const { body } = await callApi(socketPath, `/events?since=${since.toFixed(3)}&until=${until.toFixed(3)}`);
  return body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as SeenEvent);
}

/** `NAME action` of the container events, in order; names without the project prefix where they have it. */
export function containerActions(events: readonly SeenEvent[], actions: readonly string[]): string[] {
  return events
    .filter((event) => event.Type === 'container' && actions.includes(event.Action))
    .map(
      (event) =>
        `${event.Actor.Attributes['com.docker.compose.service'] ?? event.Actor.Attributes['name'] ?? ''} ${event.Action}`,
    );
}
