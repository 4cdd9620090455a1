// examples/kafka-zookeeper: real ZooKeeper and Kafka; 10 messages pass, also after the daemon was killed.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerActions, eventsSince } from '../support/api.ts';
import { buildExampleImages, EXAMPLES } from '../support/examples.ts';
import { killDaemon } from '../support/kill-daemon.ts';
import { Stage } from '../support/stage.ts';

const FOLDER = join(EXAMPLES, 'kafka-zookeeper');

describe('examples/kafka-zookeeper', () => {
  let stage: Stage;
  let before: number;

  beforeAll(async () => {
    stage = await Stage.create('kafka');
    await buildExampleImages(stage, 'kafka-zookeeper');
    before = Date.now() / 1000;
    await stage.ok(['up', '-d'], { cwd: FOLDER });
  }, 600_000);
  afterAll(async () => stage[Symbol.asyncDispose]());

  async function tenMessages(): Promise<string> {
    return stage.host.check(process.execPath, [join(FOLDER, 'check', 'check.ts')], { env: stage.env });
  }

  it('starts zookeeper before kafka', async () => {
    const starts = containerActions(await eventsSince(stage.socket, before), ['start']);
    expect(starts).toEqual(['zookeeper start', 'kafka start']);
  });

  it('passes 10 messages', async () => {
    expect(await tenMessages()).toContain('all 10 messages came back');
  }, 120_000);

  it('passes 10 more with the daemon killed', async () => {
    await killDaemon(stage);
    expect(await tenMessages()).toContain('all 10 messages came back');
    expect(await stage.ok(['ps'], { cwd: FOLDER })).toMatch(/iop-kafka.*\n?.*iop-zookeeper/s);
  }, 120_000);

  it('stops kafka before zookeeper and leaves nothing', async () => {
    const since = Date.now() / 1000;
    await stage.ok(['down', '-v'], { cwd: FOLDER });
    const ends = containerActions(await eventsSince(stage.socket, since), ['die']);
    expect(ends).toEqual(['kafka die', 'zookeeper die']);
    expect(await stage.leftovers()).toEqual([]);
  }, 120_000);
});
