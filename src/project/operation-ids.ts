// How operations of a plan are called; whoever needs one spells it by these.
import type { WaitCondition } from './plan.ts';

/** Ids by what is done to what. An id is in a plan only when the step is needed. */
export const OP = {
  createNetwork: (name: string) => `create-network ${name}`,
  removeNetwork: (name: string) => `remove-network ${name}`,
  createVolume: (name: string) => `create-volume ${name}`,
  removeVolume: (name: string) => `remove-volume ${name}`,
  pull: (image: string) => `pull ${image}`,
  create: (name: string) => `create ${name}`,
  rename: (name: string) => `rename ${name}`,
  connect: (name: string, network: string) => `connect ${name} ${network}`,
  start: (name: string) => `start ${name}`,
  stop: (name: string) => `stop ${name}`,
  remove: (name: string) => `remove ${name}`,
  /** A wait that may fail (`required: false`) is another one than a wait that may not. */
  wait: (name: string, condition: WaitCondition, required = true) =>
    `wait ${name} ${condition}${required ? '' : ' if it can be'}`,
} as const;
