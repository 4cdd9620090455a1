// The part of a create call that says what the container is: command, environment, labels, health.
import type { ContainerConfig, HealthConfig } from '../../api/containers.ts';
import { durationSeconds, parseDuration } from '../../base/duration.ts';
import type { HealthCheck } from '../../compose/model/service-parts.ts';
import type { Service } from '../../compose/model/service.ts';

/** The configuration of a service's container, without its labels. */
export function containerConfig(service: Service, image: string): ContainerConfig {
  const exposed = exposedPorts(service);
  return {
    Hostname: service.hostname ?? '',
    Domainname: service.domainname ?? '',
    User: service.user ?? '',
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    ...(exposed.length === 0 ? {} : { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) }),
    Tty: service.tty ?? false,
    OpenStdin: service.stdin_open ?? false,
    StdinOnce: false,
    Env: environment(service),
    Cmd: service.command ?? null,
    Entrypoint: entrypoint(service),
    Image: image,
    WorkingDir: service.working_dir ?? '',
    NetworkDisabled: false,
    ...(service.stop_signal === undefined ? {} : { StopSignal: service.stop_signal }),
    ...(service.stop_grace_period === undefined ? {} : { StopTimeout: durationSeconds(service.stop_grace_period) }),
    ...(service.healthcheck === undefined ? {} : { Healthcheck: health(service.healthcheck) }),
  };
}

/** An empty list clears the image's entry point; the API spells that as one empty word. */
function entrypoint(service: Service): readonly string[] | null {
  if (service.entrypoint === undefined || service.entrypoint === null) return null;
  return service.entrypoint.length === 0 ? [''] : service.entrypoint;
}

function environment(service: Service): readonly string[] | null {
  const entries = Object.entries(service.environment ?? {});
  if (entries.length === 0) return null;
  return entries.map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

function exposedPorts(service: Service): readonly string[] {
  const exposed = (service.expose ?? []).flatMap(expandExposed);
  const published = (service.ports ?? []).map((port) => `${port.target}/${port.protocol ?? 'tcp'}`);
  return [...new Set([...exposed, ...published])];
}

/** `80`, `80/udp` or `3000-3002/tcp`. */
function expandExposed(text: string): readonly string[] {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [first = 0, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

function health(check: HealthCheck): HealthConfig {
  if (check.disable === true) return { Test: ['NONE'] };
  return {
    Test: check.test ?? [],
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.start_period),
    StartInterval: nanoseconds(check.start_interval),
    Retries: check.retries ?? 0,
  };
}

const nanoseconds = (text: string | undefined): number => (text === undefined ? 0 : (parseDuration(text) ?? 0));
