// What can be known before anything is made: images that are not there, files that are to be mounted and do not exist,
// names that two containers would bear.
import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import { GantryError } from '../base/error.ts';
import type { Docker } from '../client/docker.ts';
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import { locateValue } from './locate.ts';
import type { Observed } from './observed.ts';
import type { CreateContainerAction, Operation, Plan } from './plan.ts';

/** Throws project/operation-failed with a diagnostic for each container to be made that cannot be. */
export async function preflight(
  docker: Docker,
  project: Project,
  input: { plan: Plan; observed: Observed },
): Promise<void> {
  const creates = input.plan.operations.filter(isCreate);
  const problems = [
    ...sharedNames(project, creates),
    ...missingImages(project, creates, input.observed),
    // only an engine on this machine sees the same files
    ...(docker.modem.address.kind === 'unix' ? await missingSources(project, creates) : []),
  ];
  if (problems.length === 0) return;
  const diagnostics = await Promise.all(problems.map(async (problem) => await diagnosticOf(project, problem)));
  throw new GantryError('project/operation-failed', problems.map((problem) => problem.message).join('; '), {
    hint: problems[0]?.hint ?? '',
    diagnostics,
  });
}

interface Problem {
  readonly message: string;
  readonly hint: string;
  /** Whose value is wrong, and how it is probably written. */
  readonly service: string;
  readonly values: readonly string[];
}

async function diagnosticOf(project: Project, problem: Problem): Promise<Diagnostic> {
  const { message, hint, service } = problem;
  for (const value of problem.values) {
    const place = await locateValue(project, service, value);
    if (place !== undefined) return { severity: 'error', code: 'project/operation-failed', message, hint, ...place };
  }
  return { severity: 'error', code: 'project/operation-failed', message, hint };
}

type CreateOperation = Operation & { readonly action: CreateContainerAction };

const isCreate = (operation: Operation): operation is CreateOperation => operation.action.kind === 'create';

function sharedNames(project: Project, creates: readonly CreateOperation[]): readonly Problem[] {
  const made = new Set(creates.map(({ action }) => action.container));
  const named = Object.values(project.services).filter(({ container_name: name }) => made.has(name ?? ''));
  return [...Map.groupBy(named, (service) => service.container_name ?? '')].flatMap(([name, services]) => {
    if (services.length < 2) return [];
    const message = `services ${services.map((one) => `"${one.name}"`).join(' and ')} have the same container_name: ${name}`;
    return [{ message, hint: 'give each its own, or none', service: services[1]?.name ?? '', values: [name] }];
  });
}

function missingImages(project: Project, creates: readonly CreateOperation[], observed: Observed): readonly Problem[] {
  const missing = creates.filter(({ action }) => !observed.images.has(action.body.Image ?? ''));
  return [...Map.groupBy(missing, ({ action }) => action.body.Image ?? '')].map(([image, operations]) => {
    const services = [...new Set(operations.map((operation) => operation.service))];
    const isBuilt = services.some((name) => project.services[name]?.build !== undefined);
    return {
      message: `service ${services.map((name) => `"${name}"`).join(', ')}: no such image: ${image}`,
      hint: isBuilt
        ? `build it: gantry build ${services.join(' ')}`
        : `its pull policy says not to pull it: gantry pull ${services[0] ?? ''}`,
      service: services[0] ?? '',
      values: [image],
    };
  });
}

async function missingSources(project: Project, creates: readonly CreateOperation[]): Promise<readonly Problem[]> {
  const mounts = creates.flatMap(({ action, service }) =>
    (action.body.HostConfig?.Mounts ?? [])
      .filter((mount) => mount.Type === 'bind' && mount.BindOptions?.CreateMountpoint !== true)
      .map((mount) => ({ service, source: mount.Source ?? '', target: mount.Target })),
  );
  const checked = await Promise.all(mounts.map(async (mount) => ((await exists(mount.source)) ? undefined : mount)));
  return checked
    .filter((mount) => mount !== undefined)
    .map(({ service, source, target }) => ({
      message: `service "${service}": bind source does not exist: ${source} (for ${target})`,
      hint: `make ${source}, or let an empty folder be made there with bind: create_host_path: true`,
      service,
      values: [source, `./${relative(project.working_dir, source)}`],
    }));
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Throws project/operation-failed for a service that asks for what is not there yet: better refused than left out. */
export function refuseUnsupported(service: Service): void {
  const attribute = unsupported(service);
  if (attribute === undefined) return;
  throw new GantryError('project/operation-failed', `service "${service.name}": ${attribute} is not supported yet`);
}

function unsupported(service: Service): string | undefined {
  if (service.provider !== undefined) return 'provider';
  if (service.models !== undefined) return 'models';
  if (service.pre_start !== undefined || service.post_start !== undefined || service.pre_stop !== undefined)
    return 'hooks';
  return undefined;
}
