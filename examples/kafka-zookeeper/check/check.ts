// The client on the host: finds topic `metrics`, sends 10 messages to topic `test`, which is made by
// their arrival, and reads the same 10 back.
//
//   node check.ts [HOST:PORT]     or KAFKA_BROKER=HOST:PORT; 127.0.0.1:9092 otherwise
//   KAFKA_CHECK_SECONDS           the deadline for all of it; 60 otherwise
//
// Exits with 0 when all 10 came back in order, with 1 and one line on stderr when not.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';

const broker = process.argv[2] ?? process.env['KAFKA_BROKER'] ?? '127.0.0.1:9092';
const seconds = Number(process.env['KAFKA_CHECK_SECONDS'] ?? '60');
const deadline = Date.now() + seconds * 1000;
const messageCount = 10;
const run = randomUUID().slice(0, 8);
const connection = {
  clientId: 'gantry-example-check',
  bootstrapBrokers: [broker],
  retries: 0,
  timeout: 5000,
  connectTimeout: 2000,
};

async function main(): Promise<void> {
  await untilDone('topic metrics', findMetrics);
  console.log(`${broker}: found topic metrics`);
  const sent = Array.from({ length: messageCount }, (_, n) => `message ${n + 1} of ${messageCount} (${run})`);
  await untilDone('sending to topic test', () => send(sent));
  console.log(`sent ${messageCount} messages to topic test`);
  const received = await receive(sent.length);
  for (const value of received) console.log(`received: ${value}`);
  if (received.join('\n') !== sent.join('\n')) throw new Error('topic test gave other messages than were sent');
  console.log(`all ${messageCount} messages came back`);
}

/** Tries again, twice a second, until `step` succeeds; at the deadline fails with the last failure's reason. */
async function untilDone(what: string, step: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await step();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s: ${reason(error)}`);
      await sleep(500);
    }
  }
}

async function findMetrics(): Promise<void> {
  const admin = new Admin(connection);
  try {
    const topics = await admin.listTopics();
    if (!topics.includes('metrics')) throw new Error(`the broker has only: ${topics.join(', ') || 'no topic'}`);
  } finally {
    await admin.close();
  }
}

async function send(values: readonly string[]): Promise<void> {
  const producer = new Producer({ ...connection, serializers: stringSerializers, autocreateTopics: true });
  try {
    await producer.send({ messages: values.map((value) => ({ topic: 'test', key: run, value })), acks: -1 });
  } finally {
    await producer.close();
  }
}

/** The first `count` messages of this run; earlier runs' messages in the topic are passed over. */
async function receive(count: number): Promise<string[]> {
  const options = { ...connection, retries: 10, retryDelay: 500 };
  const consumer = new Consumer({ ...options, groupId: `check-${run}`, deserializers: stringDeserializers });
  const received: string[] = [];
  try {
    const stream = await consumer.consume({ topics: ['test'], mode: MessagesStreamModes.EARLIEST });
    const giveUp = () => stream.destroy(new Error(`only ${received.length} of ${count} messages within ${seconds} s`));
    const timer = setTimeout(giveUp, Math.max(0, deadline - Date.now()));
    for await (const message of stream) {
      if (message.key === run) received.push(message.value);
      if (received.length === count) break;
    }
    clearTimeout(timer);
    return received;
  } finally {
    await consumer.close(true);
  }
}

/** The innermost message: the client wraps the cause, such as a refused connection, in several errors. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reason(error.cause);
}

try {
  await main();
} catch (error) {
  console.error(`check: ${broker}: ${reason(error)}`);
  process.exitCode = 1;
}
