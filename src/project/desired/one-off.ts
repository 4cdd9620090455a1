// The create call of a one-off container: a service's, with what `run` says instead. Pure but for its random name.
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import type { CreateContainerBody, HostConfig } from '../../api/containers.ts';
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { serviceHash } from '../hash.ts';
import { LABEL } from '../labels.ts';
import { containerBody } from './container.ts';

/** What `run` says of its container. */
export interface OneOff {
  readonly name: string | undefined;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly binds: readonly string[];
  /** Paths that get an anonymous volume. */
  readonly anonymous: readonly string[];
  readonly ports: { readonly exposed: Readonly<Record<string, object>>; readonly bindings: HostConfig['PortBindings'] };
  readonly servicePorts: boolean;
  readonly useAliases: boolean;
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly attached: boolean;
  readonly autoRemove: boolean;
}

/** Its name and body; `imageId` is that of the service's image. */
export function oneOffBody(
  project: Project,
  service: Service,
  { run, imageId }: { readonly run: OneOff; readonly imageId: string },
): { readonly name: string; readonly body: CreateContainerBody } {
  const slug = randomBytes(32).toString('hex');
  const name = run.name ?? `${project.name}-${service.name}-run-${slug.slice(0, 12)}`;
  const changed = changedService(service, run, name);
  const labels = { ...run.labels, [LABEL.oneoff]: 'True', [LABEL.slug]: slug };
  const body = containerBody(project, changed, {
    number: 1,
    hash: serviceHash(changed),
    imageId,
    kept: new Map(),
    labels,
  });
  return { name, body: withFlags(body, run, name) };
}

function changedService(service: Service, run: OneOff, name: string): Service {
  const { ports: _ports, restart: _restart, ...rest } = service;
  return {
    ...rest,
    ...(service.volumes === undefined ? {} : { volumes: uncovered(service.volumes, run) }),
    ...(run.servicePorts && service.ports !== undefined ? { ports: service.ports } : {}),
    container_name: name,
    tty: run.tty,
    stdin_open: run.interactive,
    environment: { ...service.environment, ...run.env },
    cap_add: [...(service.cap_add ?? []), ...run.capAdd],
    cap_drop: [...(service.cap_drop ?? []), ...run.capDrop],
    ...(run.command.length === 0 ? {} : { command: run.command }),
    // with another entrypoint the service's command means nothing
    ...(run.entrypoint === undefined ? {} : { entrypoint: run.entrypoint, command: run.command }),
    ...(run.user === undefined ? {} : { user: run.user }),
    ...(run.workdir === undefined ? {} : { working_dir: run.workdir }),
  };
}

/** The service's mounts but those in whose place the command line puts another. */
function uncovered(volumes: NonNullable<Service['volumes']>, { binds, anonymous }: OneOff): typeof volumes {
  const targets = new Set(
    [...anonymous, ...binds.map((bind) => bind.split(':')[1])].map((path) => posix.join(path ?? '', '/')),
  );
  return volumes.filter(({ target }) => !targets.has(posix.join(target, '/')));
}

function withFlags(body: CreateContainerBody, run: OneOff, name: string): CreateContainerBody {
  const host = body.HostConfig ?? {};
  const endpoints = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
  return {
    ...body,
    AttachStdin: run.attached && run.interactive,
    AttachStdout: run.attached,
    AttachStderr: run.attached,
    StdinOnce: run.attached && run.interactive,
    Volumes: { ...body.Volumes, ...Object.fromEntries(run.anonymous.map((path) => [path, {}])) },
    ExposedPorts: { ...body.ExposedPorts, ...run.ports.exposed },
    HostConfig: {
      ...host,
      AutoRemove: run.autoRemove,
      RestartPolicy: { Name: '' },
      Binds: [...(host.Binds ?? []), ...run.binds],
      PortBindings: { ...host.PortBindings, ...run.ports.bindings },
    },
    NetworkingConfig: run.useAliases
      ? body.NetworkingConfig
      : { EndpointsConfig: Object.fromEntries(endpoints.map(([key, at]) => [key, { ...at, Aliases: [name] }])) },
  };
}
