import { PassThrough, type Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../../../src/api/objects.ts';
import { createEventLog } from '../../../../src/engine/events.ts';
import { passes } from '../../../../src/engine/http/event-filter.ts';
import { parseQuery } from '../../../../src/engine/http/query.ts';
import { eventRoutes } from '../../../../src/engine/http/routes/events.ts';
import type { ApiRequest, StreamAnswer } from '../../../../src/engine/http/types.ts';

const web = { id: 'c'.repeat(64), attributes: { name: 'web', image: 'busybox:1', exitCode: '0', tier: 'front' } };

function logOf(count: number): ReturnType<typeof createEventLog> {
  const log = createEventLog();
  for (let index = 0; index < count; index += 1)
    log.emit('container', 'die', { ...web, attributes: { name: `c${index}` } });
  return log;
}

async function answer(log: ReturnType<typeof createEventLog>, search: string): Promise<StreamAnswer> {
  const handler = eventRoutes(log).events;
  if (handler === undefined) throw new Error('no route');
  return (await handler({ query: parseQuery(search) } as ApiRequest)) as StreamAnswer;
}

/** All lines of a stream that ends by itself. */
async function lines(log: ReturnType<typeof createEventLog>, search: string): Promise<EngineEvent[]> {
  const out = new PassThrough({ highWaterMark: 1e7 });
  await (await answer(log, search)).write(out, new AbortController().signal);
  return parsed(out.end());
}

function parsed(out: Readable): EngineEvent[] {
  const text = (out.read() as Buffer | null)?.toString() ?? '';
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EngineEvent);
}

test('containers carry the old fields, networks do not', () => {
  const log = createEventLog();
  log.emit('container', 'start', web);
  log.emit('image', 'tag', { id: 'sha256:1', attributes: { name: 'busybox:1' } });
  log.emit('network', 'connect', { id: 'n', attributes: {} });
  const [container, image, network] = log.recent();
  expect(container).toMatchObject({
    status: 'start',
    id: web.id,
    from: 'busybox:1',
    Type: 'container',
    Action: 'start',
    scope: 'local',
  });
  expect(container?.Actor).toEqual({ ID: web.id, Attributes: web.attributes });
  expect(image).toMatchObject({ status: 'tag', id: 'sha256:1' });
  expect(network).not.toHaveProperty('status');
});

test('times rise strictly and seconds fit nanoseconds', () => {
  const times = logOf(100).recent();
  for (const [index, event] of times.entries()) {
    expect(event.time).toBe(Math.floor(event.timeNano / 1e9));
    if (index > 0) expect(event.timeNano).toBeGreaterThan(times[index - 1]?.timeNano ?? 0);
  }
});

test('the last 256 are kept', async () => {
  const kept = await lines(logOf(300), 'since=0&until=1');
  expect(kept).toEqual([]);
  const all = logOf(300).recent();
  expect(all).toHaveLength(256);
  expect(all[0]?.Actor.Attributes['name']).toBe('c44');
});

test('since and until choose by time, both included', async () => {
  const log = logOf(3);
  const [first, second] = log.recent();
  const at = (event?: EngineEvent): string => {
    const nano = String(event?.timeNano);
    return `${nano.slice(0, -9)}.${nano.slice(-9)}`;
  };
  expect(await lines(log, `since=${at(second)}&until=${at(second)}`)).toHaveLength(1);
  expect(await lines(log, `until=${at(second)}`)).toHaveLength(2);
  expect(await lines(log, `since=${at(first)}&until=${Math.ceil(Date.now() / 1000)}.2`)).toHaveLength(3);
});

test.each([
  ['since=5&until=4', '`since` time (5) cannot be after `until` time (4)'],
  ['since=yesterday', 'invalid value for since: "yesterday"'],
  ['filters={"event":5}', "invalid filter 'event': expected a list of values"],
])('%s is refused', async (search, message) => {
  await expect(async () => answer(createEventLog(), search)).rejects.toThrow(message);
});

test('a filter that nobody knows changes nothing, as with dockerd', async () => {
  const log = logOf(3);
  const until = `${Math.ceil(Date.now() / 1000)}.2`;
  expect(await lines(log, `since=0&until=${until}&filters={"bogus":["1"]}`)).toHaveLength(3);
});

test('without since nothing is replayed; live events come until the client goes', async () => {
  const log = logOf(2);
  const out = new PassThrough();
  const client = new AbortController();
  const written = (await answer(log, 'filters={"event":["start"]}')).write(out, client.signal);
  log.emit('container', 'start', web);
  log.emit('container', 'die', web);
  await expect.poll(() => out.readableLength).toBeGreaterThan(0);
  client.abort();
  await written;
  expect(parsed(out).map((event) => event.Action)).toEqual(['start']);
});

test('a reader that does not read costs a bounded queue', async () => {
  const log = createEventLog();
  const out = new PassThrough({ highWaterMark: 1 });
  const client = new AbortController();
  const written = (await answer(log, '')).write(out, client.signal);
  for (let index = 0; index < 5000; index += 1) log.emit('container', 'die', { id: String(index), attributes: {} });
  await new Promise((resolve) => setImmediate(resolve));
  const seen: EngineEvent[] = [];
  out.on('data', (line: Buffer) => seen.push(JSON.parse(line.toString()) as EngineEvent));
  await expect.poll(() => seen.at(-1)?.id).toBe('4999');
  client.abort();
  await written;
  expect(seen.length).toBeLessThanOrEqual(1025);
});

test.each<[string, boolean]>([
  ['{"type":["container"]}', true],
  ['{"type":["image","container"]}', true],
  ['{"type":["image"]}', false],
  ['{"event":["die"]}', true],
  ['{"event":["di"]}', false],
  ['{"container":["web"]}', true],
  ['{"container":["/web"]}', true],
  ['{"container":["ccc"]}', true],
  ['{"container":["we"]}', false],
  ['{"image":["busybox"]}', true],
  ['{"image":["busybox:1"]}', true],
  ['{"image":["busybox:2"]}', false],
  ['{"label":["tier"]}', true],
  ['{"label":["tier=front"]}', true],
  ['{"label":["tier=front","other"]}', false],
  ['{"network":["web"]}', false],
  ['{"scope":["local"],"event":["die"],"container":["web"]}', true],
  ['{"scope":["swarm"]}', false],
])('filter %s passes: %s', (json, expected) => {
  const log = createEventLog();
  log.emit('container', 'die', web);
  const filters = parseQuery(`filters=${encodeURIComponent(json)}`).filters();
  expect(log.recent().every((event) => passes(event, filters))).toBe(expected);
});

test('actions with data are found by their name', () => {
  const log = createEventLog();
  log.emit('container', 'health_status: healthy', web);
  const filters = new Map([['event', ['health_status']]]);
  expect(log.recent().every((event) => passes(event, filters))).toBe(true);
});
