import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createLogger } from '../../../../src/base/log.ts';
import { Watchdog, type WatchdogOptions } from '../../../../src/engine/networks/watchdog.ts';

const PERIOD = 5;
const running: Watchdog[] = [];
afterEach(() => running.splice(0).forEach((dog) => dog.stop()));

interface Host {
  looks: number;
  asked: number;
  mended: number;
  /** What the next looks find; whole when there is nothing more. */
  found: boolean[];
  change: () => void;
}

/** Starts one on a host that tells of changes by `change`, or (`tell: false`) does not. */
function watched(options: Partial<Pick<WatchdogOptions, 'changed'>> & { readonly tell?: boolean } = {}): Host {
  const host: Host = { looks: 0, asked: 0, mended: 0, found: [], change: () => undefined };
  const changed = async (): Promise<void> => {
    host.asked += 1;
    await new Promise<void>((resolve) => (host.change = resolve));
  };
  const walls = {
    tell: options.tell ?? true,
    isWhole: () => Promise.resolve(((host.looks += 1), host.found.shift() ?? true)),
  };
  const mend = (): Promise<void> => Promise.resolve(void (host.mended += 1));
  const log = createLogger(new PassThrough(), 'warn');
  const dog = new Watchdog({ walls, log, mend, changed: options.changed ?? changed, period: PERIOD });
  running.push(dog);
  dog.start();
  return host;
}

it('does not look while nobody changes anything', async () => {
  const host = watched();
  await sleep(20 * PERIOD);
  expect(host).toMatchObject({ looks: 0, asked: 1 });
});

it('looks once after a change, and asks for the next one before', async () => {
  const host = watched();
  host.change();
  await expect.poll(() => host.looks).toBe(1);
  expect(host.asked).toBe(2);
  await sleep(10 * PERIOD);
  expect(host).toMatchObject({ looks: 1, mended: 0 });
});

it('writes rules again that are missing at two looks running', async () => {
  const host = watched();
  host.found = [false, false];
  host.change();
  await expect.poll(() => host.mended).toBe(1);
  expect(host.looks).toBe(2);
});

it('leaves alone what is back at the second look', async () => {
  const host = watched();
  host.found = [false, true];
  host.change();
  await expect.poll(() => host.looks).toBe(2);
  expect(host.mended).toBe(0);
});

it.each([
  ['with legacy iptables', { tell: false }],
  ['where the kernel refuses to tell', { changed: () => Promise.reject(new Error('no nf_tables')) }],
])('looks again and again %s', async (_, options) => {
  const host = watched(options);
  await expect.poll(() => host.looks).toBeGreaterThan(3);
});

it('ends when it is stopped, and can be started again', async () => {
  const host = watched({ tell: false });
  await expect.poll(() => host.looks).toBeGreaterThan(0);
  running[0]?.stop();
  const { looks } = host;
  await sleep(10 * PERIOD);
  expect(host.looks).toBeLessThanOrEqual(looks + 1);
  running[0]?.start();
  await expect.poll(() => host.looks).toBeGreaterThan(looks + 1);
});
