// A container record for tests, with the parts a test cares about changed.
import { NEW_STATE, type ContainerRecord, type StateRecord } from '../../../../src/engine/containers/record.ts';

/** Changes to the sample. */
export interface SampleChange extends Partial<Omit<ContainerRecord, 'state'>> {
  readonly state?: Partial<StateRecord>;
}

/** A created container named `box`. */
export function sampleRecord({ state, ...change }: SampleChange = {}): ContainerRecord {
  return {
    id: 'abcdef0123456789'.repeat(4),
    name: 'box',
    created: '2026-01-02T03:04:05.6Z',
    imageId: `sha256:${'1'.repeat(64)}`,
    layers: [],
    config: { Image: 'busybox', Cmd: ['sh'], Labels: { a: '1', b: '' } },
    host: {},
    mounts: [],
    networks: {},
    ports: [],
    ...change,
    state: { ...NEW_STATE, ...state },
  };
}
