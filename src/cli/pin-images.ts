// Replaces the images of a project by the digests that their registries have for them now. Asks through the engine,
// which knows the way to registries; changes nothing there.
import { findCredentials, registryOf } from '../client/docker-config.ts';
import type { Docker } from '../client/docker.ts';
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import type { Context } from './context.ts';
import { canonicalName } from './output/reference.ts';

/** The project with each `image:` in full and with its digest. What is only built here has no digest and stays. */
export async function pinImages(context: Context, project: Project): Promise<Project> {
  const docker = await context.docker();
  const asked = new Map<string, Promise<string>>();
  const services = Object.entries(project.services).map(async ([name, service]): Promise<[string, Service]> => {
    const { image } = service;
    if (image === undefined) return [name, service];
    const pinned = asked.get(image) ?? pin(context, docker, image);
    asked.set(image, pinned);
    return [name, { ...service, image: await pinned }];
  });
  return { ...project, services: Object.fromEntries(await Promise.all(services)) };
}

async function pin(context: Context, docker: Docker, image: string): Promise<string> {
  const name = canonicalName(image, 'latest');
  if (name.includes('@')) return name;
  const authconfig = await findCredentials(context.env, registryOf(image));
  const abortSignal = context.interrupts.signal;
  const { Descriptor } = await docker.getImage(name).distribution({ authconfig, abortSignal });
  return `${name}@${Descriptor.digest}`;
}
