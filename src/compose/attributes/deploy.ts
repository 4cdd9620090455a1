// The deploy section. The order is the order of printing.
import { deviceCount } from '../canonical/services.ts';
import { deviceRequest, labels } from './parts.ts';
import {
  bytes,
  duration,
  integer,
  kept,
  list,
  nothing,
  number,
  object,
  part,
  string,
  union,
  word,
  type ObjectShape,
  type Shape,
} from './shape.ts';

const updateConfig = (): ObjectShape =>
  object({
    parallelism: kept(integer({ min: 0 })),
    delay: duration(),
    failure_action: string(),
    monitor: duration(),
    max_failure_ratio: number(),
    order: word('start-first', 'stop-first'),
  });

const memory = (): Shape => ({ ...bytes(), accepts: ['string'] });

const genericResources = (): Shape =>
  list(object({ discrete_resource_spec: object({ kind: kept(string()), value: kept(integer()) }) }));

const RESERVATIONS = object({
  cpus: number(),
  memory: memory(),
  devices: list(deviceRequest({ ...integer(), canon: deviceCount }, { required: ['capabilities'] })),
  generic_resources: genericResources(),
});

/** The deploy section. */
export const deploy = (): Shape =>
  union([
    object({
      mode: string(),
      replicas: kept(integer()),
      labels: labels(),
      update_config: updateConfig(),
      rollback_config: updateConfig(),
      resources: part(
        object({
          limits: object({ cpus: number(), memory: memory(), pids: integer() }),
          reservations: RESERVATIONS,
        }),
      ),
      restart_policy: object({
        condition: string(),
        delay: kept(duration()),
        max_attempts: kept(integer({ min: 0 })),
        window: kept(duration()),
      }),
      placement: part(
        object({
          constraints: list(string()),
          preferences: list(object({ spread: string() })),
          max_replicas_per_node: integer({ min: 0 }),
        }),
      ),
      endpoint_mode: string(),
    }),
    nothing(),
  ]);
