// The operations that make one container, or make it again in place of another. Pure.
import type { CreateContainerBody } from '../api/containers.ts';
import type { Service } from '../compose/model/service.ts';
import { containerBody } from './desired/container.ts';
import { injectedFiles } from './desired/injected-files.ts';
import type { AnonymousVolumes } from './desired/mounts.ts';
import { networksOf } from './desired/networking.ts';
import { LABEL } from './labels.ts';
import { containerName, imageOf, temporaryName } from './names.ts';
import { isUp, type ObservedContainer } from './observed.ts';
import { OP } from './operation-ids.ts';
import { planStop } from './orphans.ts';
import type { ReconcileContext, Replica } from './reconcile-context.ts';

/** One container to make. */
export interface CreateWork {
  readonly service: Service;
  readonly hash: string;
  readonly number: number;
  readonly cause: string;
  /** Operations that must be done first, beside networks and volumes. */
  readonly after: readonly string[];
}

/** From this minor version of API 1 on one create call can join several networks. */
const MANY_ENDPOINTS = 44;

/** Adds the creation of a new container. */
export function planCreate(context: ReconcileContext, work: CreateWork): Replica {
  const name = containerName(context.project.name, work.service, work.number);
  const body = bodyOf(context, work, new Map());
  return { name, number: work.number, made: addCreate(context, { ...work, name, body }), remade: false };
}

/** Adds: create under another name, stop and remove the old, rename. A failure before the stop leaves all as it was. */
export function planRecreate(
  context: ReconcileContext,
  work: CreateWork & { readonly container: ObservedContainer },
): Replica {
  const { plan, options } = context;
  const { container: old, cause, service } = work;
  const final = containerName(context.project.name, service, work.number);
  const kept = options.renewAnonVolumes === true ? new Map<string, string>() : anonymousVolumes(work.service, old);
  const body = bodyOf(context, work, kept);
  const labelled = { ...body, Labels: { ...body.Labels, [LABEL.replace]: old.name } };
  const temporary = temporaryName(old.id, final);
  const created = addCreate(context, { ...work, name: temporary, body: labelled, replaces: old.id, shownAs: final });
  if (isUp(old)) planStop(plan, old, { cause, timeout: options.timeout, needs: created, shownAs: final });
  const common = { cause, service: service.name, shownAs: final };
  const action = {
    kind: 'remove',
    container: old.name,
    volumes: options.renewAnonVolumes ?? false,
    force: true,
  } as const;
  plan.add({ ...common, id: OP.remove(old.name), action, needs: [...created, OP.stop(old.name)] });
  const rename = plan.add({
    ...common,
    id: OP.rename(final),
    action: { kind: 'rename', container: temporary, to: final },
    needs: [OP.remove(old.name)],
  });
  return { name: final, number: work.number, made: [rename], remade: true, container: old };
}

interface NamedBody extends CreateWork {
  readonly name: string;
  readonly body: CreateContainerBody;
  readonly replaces?: string;
  readonly shownAs?: string;
}

/** The create, and for engines that join only one network at creation the connects; gives the ids to wait for. */
function addCreate(context: ReconcileContext, work: NamedBody): readonly string[] {
  const { service, cause, name } = work;
  const shown = work.shownAs === undefined ? {} : { shownAs: work.shownAs };
  const many = Number(context.observed.apiVersion.split('.')[1]) >= MANY_ENDPOINTS;
  const { body, rest } = many ? { body: work.body, rest: [] } : splitEndpoints(work.body);
  const files = injectedFiles(context.project, service);
  const action = {
    kind: 'create',
    container: name,
    body,
    platform: service.platform,
    ...(work.replaces === undefined ? {} : { replaces: work.replaces }),
    ...(files.length === 0 ? {} : { files }),
  } as const;
  const needs = [...resourceNeeds(context, service), ...work.after];
  const created = context.plan.add({ id: OP.create(name), action, cause, needs, service: service.name, ...shown });
  const connects = rest.map(([network, endpoint]) =>
    context.plan.add({
      id: OP.connect(name, network),
      action: { kind: 'connect', container: name, network, endpoint },
      cause,
      needs: [created],
      service: service.name,
      ...shown,
    }),
  );
  return [created, ...connects];
}

function splitEndpoints(body: CreateContainerBody): {
  body: CreateContainerBody;
  rest: readonly (readonly [string, object])[];
} {
  const all = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {}).map(
    ([name, at]) => [name, at ?? {}] as const,
  );
  const [first, ...rest] = all;
  if (first === undefined) return { body, rest };
  return { body: { ...body, NetworkingConfig: { EndpointsConfig: Object.fromEntries([first]) } }, rest };
}

function resourceNeeds(context: ReconcileContext, service: Service): readonly string[] {
  const networks = networksOf(context.project, service).map(({ name }) => OP.createNetwork(name));
  const volumes = (service.volumes ?? []).flatMap((mount) => {
    const name = mount.type === 'volume' ? context.project.volumes[mount.source ?? '']?.name : undefined;
    return name === undefined ? [] : [OP.createVolume(name)];
  });
  return [...networks, ...volumes];
}

function bodyOf(context: ReconcileContext, work: CreateWork, kept: AnonymousVolumes): CreateContainerBody {
  const { project, observed } = context;
  const imageId = observed.images.get(imageOf(project.name, work.service)) ?? '';
  return containerBody(project, work.service, { number: work.number, hash: work.hash, imageId, kept });
}

/** Volumes without a name of their own, as engines make them: 64 hexadecimal digits. */
const ANONYMOUS = /^[0-9a-f]{64}$/;

/** What the file or the image keeps in unnamed volumes goes on in the new container. */
function anonymousVolumes(service: Service, old: ObservedContainer): AnonymousVolumes {
  const named = new Set(
    (service.volumes ?? []).filter((mount) => (mount.source ?? '') !== '').map((mount) => mount.target),
  );
  const kept = old.mounts.filter(
    (mount) => mount.type === 'volume' && ANONYMOUS.test(mount.name) && !named.has(mount.target),
  );
  return new Map(kept.map((mount) => [mount.target, mount.name]));
}
