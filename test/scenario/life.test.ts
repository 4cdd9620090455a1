// A project's whole life on gantry's own engine: up, seen, used, and down without a trace.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerActions, eventsSince } from '../support/api.ts';
import { Stage } from '../support/stage.ts';

const COMPOSE = `
services:
  web:
    image: busybox
    command: ["sh", "-c", "echo web is here; exec sleep 1000"]
    depends_on: [db]
    environment: { GREETING: hello }
  db:
    image: busybox
    command: ["sh", "-c", "trap 'exit 0' TERM; echo db is here; while :; do sleep 1; done"]
    volumes: ["data:/data"]
  other:
    image: busybox
    command: ["sleep", "1000"]
volumes: { data: }
`;

describe('a project from up to down', () => {
  let stage: Stage;
  let before: number;

  beforeAll(async () => {
    stage = await Stage.create('life');
    await stage.importBusybox();
    await stage.write('compose.yaml', COMPOSE);
    before = Date.now() / 1000;
    await stage.ok(['-p', 'life', 'up', '-d']);
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  it('starts a dependency before its dependent', async () => {
    const starts = containerActions(await eventsSince(stage.socket, before), ['start']);
    expect(starts.toSorted()).toEqual(['db start', 'other start', 'web start']);
    expect(starts.indexOf('db start')).toBeLessThan(starts.indexOf('web start'));
  });

  it('shows what runs, under docker compose names', async () => {
    const rows = (await stage.ok(['-p', 'life', 'ps', '--format', 'json'])).trim().split('\n');
    const seen = rows
      .map((row) => JSON.parse(row) as { Name: string; State: string })
      .map(({ Name, State }) => `${Name} ${State}`);
    expect(seen.toSorted()).toEqual(['life-db-1 running', 'life-other-1 running', 'life-web-1 running']);
  });

  it('gives the logs of a service', async () => {
    expect(await stage.ok(['-p', 'life', 'logs', '--no-log-prefix', 'web'])).toBe('web is here\n');
  });

  it('runs a command in a service and gives its output and exit status', async () => {
    expect(await stage.ok(['-p', 'life', 'exec', '-T', 'web', 'sh', '-c', 'echo $GREETING'])).toBe('hello\n');
    const failed = await stage.gantry(['-p', 'life', 'exec', '-T', 'web', 'sh', '-c', 'exit 7']);
    expect(failed.status).toBe(7);
  });

  it('resolves services by name inside the network', async () => {
    expect(await stage.ok(['-p', 'life', 'exec', '-T', 'web', 'ping', '-c', '1', 'db'])).toContain(
      '1 packets received',
    );
  });

  it('changes nothing when nothing changed', async () => {
    const since = Date.now() / 1000;
    await stage.ok(['-p', 'life', 'up', '-d']);
    expect(containerActions(await eventsSince(stage.socket, since), ['create', 'start', 'die'])).toEqual([]);
  });

  it('recreates only the service whose definition changed', async () => {
    await stage.write('compose.yaml', COMPOSE.replace('hello', 'bye'));
    const since = Date.now() / 1000;
    await stage.ok(['-p', 'life', 'up', '-d', '-t', '0']);
    const actions = containerActions(await eventsSince(stage.socket, since), ['create', 'start', 'destroy']);
    expect(actions.toSorted()).toEqual(['web create', 'web destroy', 'web start']);
  });

  it('keeps the data of a named volume over down and up', async () => {
    await stage.ok(['-p', 'life', 'exec', '-T', 'db', 'sh', '-c', 'echo kept >/data/file']);
    await stage.ok(['-p', 'life', 'down', '-t', '0']);
    await stage.ok(['-p', 'life', 'up', '-d']);
    expect(await stage.ok(['-p', 'life', 'exec', '-T', 'db', 'cat', '/data/file'])).toBe('kept\n');
  });

  it('overlaps the starts of independent services', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const services = names.map((name) => `  ${name}: { image: busybox, command: sleep 100 }\n`);
    const file = await stage.write('many.yaml', `services:\n${services.join('')}`);
    const { stderr } = await stage.gantry(['-p', 'many', '-f', file, '--progress', 'plain', 'up', '-d']);
    const words = [...stderr.matchAll(/Container many-\w-1 +(Starting|Started)/g)].map((match) => match[1]);
    expect(words.length).toBe(2 * names.length);
    expect(words.indexOf('Started')).toBeGreaterThan(1); // at least two were starting before one had started
    await stage.ok(['-p', 'many', '-f', file, 'down', '-t', '0']);
  });

  it('stops dependents first and leaves nothing after down -v', async () => {
    const since = Date.now() / 1000;
    await stage.ok(['-p', 'life', 'down', '-v', '-t', '0']);
    const ends = containerActions(await eventsSince(stage.socket, since), ['die']);
    expect(ends.indexOf('web die')).toBeLessThan(ends.indexOf('db die'));
    expect(await stage.leftovers()).toEqual([]);
  });
});
