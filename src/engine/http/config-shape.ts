// The shape of a container's configuration, which is also an image's. Data only.
import type { Shape } from './shape.ts';

const MARKS: Shape = { map: 'anything' };

const HEALTH: Shape = {
  fields: {
    ...{ Test: 'words', Interval: 'number', Timeout: 'number', Retries: 'number' },
    ...{ StartPeriod: 'number', StartInterval: 'number' },
  },
};

/** Fields of a configuration. */
export const CONFIG_FIELDS = {
  ...{ Hostname: 'text', Domainname: 'text', User: 'text', AttachStdin: 'flag', AttachStdout: 'flag' },
  ...{ AttachStderr: 'flag', ExposedPorts: MARKS, Tty: 'flag', OpenStdin: 'flag', StdinOnce: 'flag' },
  ...{ Env: ['text'], Cmd: 'words', Entrypoint: 'words', Healthcheck: HEALTH, Image: 'text', Volumes: MARKS },
  ...{ WorkingDir: 'text', NetworkDisabled: 'flag', MacAddress: 'text', Labels: { map: 'text' }, StopSignal: 'text' },
  ...{ StopTimeout: 'number', Shell: 'words', OnBuild: ['text'] },
} as const satisfies Readonly<Record<string, Shape>>;

/** A configuration alone. */
export const CONFIG_SHAPE: Shape = { fields: CONFIG_FIELDS };
