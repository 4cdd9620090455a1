// What can be known before anything is made: images that are not there, files that are to be mounted and do not exist.
import { stat } from 'node:fs/promises';
import { GantryError } from '../base/error.ts';
import type { Docker } from '../client/docker.ts';
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import type { Observed } from './observed.ts';
import type { CreateContainerAction, Operation, Plan } from './plan.ts';

/** Throws project/operation-failed that names all missing images and bind sources of containers the plan makes. */
export async function preflight(
  docker: Docker,
  project: Project,
  input: { plan: Plan; observed: Observed },
): Promise<void> {
  const creates = input.plan.operations.filter(isCreate);
  const problems = [
    ...missingImages(project, creates, input.observed),
    // only an engine on this machine sees the same files
    ...(docker.modem.address.kind === 'unix' ? await missingSources(creates) : []),
  ];
  const [first, ...rest] = problems;
  if (first === undefined) return;
  const more = rest.map((problem) => `; ${problem.text}`).join('');
  throw new GantryError('project/operation-failed', `${first.text}${more}`, { hint: first.hint });
}

interface Problem {
  readonly text: string;
  readonly hint: string;
}

type CreateOperation = Operation & { readonly action: CreateContainerAction };

const isCreate = (operation: Operation): operation is CreateOperation => operation.action.kind === 'create';

function missingImages(project: Project, creates: readonly CreateOperation[], observed: Observed): readonly Problem[] {
  const missing = new Map<string, string[]>();
  for (const { action, service } of creates) {
    const image = action.body.Image ?? '';
    if (!observed.images.has(image)) missing.set(image, [...new Set([...(missing.get(image) ?? []), service])]);
  }
  return [...missing].map(([image, services]) => {
    const build = services.some((name) => project.services[name]?.build !== undefined);
    const whose = services.map((name) => `"${name}"`).join(', ');
    return {
      text: `service ${whose}: no such image: ${image}`,
      hint: build ? buildHint(image) : `make it here, for example: gantry image import FILE.tar ${image}`,
    };
  });
}

const buildHint = (image: string): string => `building is not supported yet; make ${image} by other means`;

async function missingSources(creates: readonly CreateOperation[]): Promise<readonly Problem[]> {
  const sources = creates.flatMap(({ action, service }) =>
    (action.body.HostConfig?.Mounts ?? [])
      .filter((mount) => mount.Type === 'bind' && mount.BindOptions?.CreateMountpoint !== true)
      .map((mount) => ({ service, source: mount.Source ?? '', target: mount.Target })),
  );
  const checked = await Promise.all(sources.map(async (mount) => ((await exists(mount.source)) ? undefined : mount)));
  return checked
    .filter((mount) => mount !== undefined)
    .map(({ service, source, target }) => ({
      text: `service "${service}": bind source does not exist: ${source} (for ${target})`,
      hint: `make ${source}, or let it be made as an empty folder with bind: create_host_path: true`,
    }));
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Attributes whose meaning is not there yet, by service; asked for is better refused than left out. */
export function unsupported(service: Service): string | undefined {
  if (service.provider !== undefined) return 'provider';
  if (service.models !== undefined) return 'models';
  if (service.pre_start !== undefined || service.post_start !== undefined || service.pre_stop !== undefined)
    return 'hooks';
  return undefined;
}
