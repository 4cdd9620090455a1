// What a service's `build:` asks of an engine: context, names, options. Pure. What only BuildKit can do is refused.
import { resolve } from 'node:path';
import { GantryError } from '../../base/error.ts';
import type { BuildOptions } from '../../client/build.ts';
import type { Build } from '../../compose/model/build.ts';
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { COMPOSE_VERSION, LABEL } from '../labels.ts';
import { imageOf } from '../names.ts';

/** One image to build. */
export interface BuildWork {
  readonly service: string;
  /** The name the service's containers use. */
  readonly image: string;
  /** Absolute folder, or a URL. */
  readonly context: string;
  /** Absolute, or in the URL's tar; absent: the default, or `inline`. */
  readonly dockerfile?: string;
  readonly inline?: string;
  readonly options: BuildOptions;
  /** Say nothing of the steps. */
  readonly quiet: boolean;
}

/** Flags that go over what the file says. */
export interface BuildFlags {
  readonly noCache?: boolean;
  readonly pull?: boolean;
  /** `--build-arg`. */
  readonly args?: Readonly<Record<string, string>>;
  /** `-m`, bytes. */
  readonly memory?: number | undefined;
  readonly quiet?: boolean;
}

/** The work for a service that has a `build:`. Throws project/build-refused for what this builder cannot do. */
export function buildWork(project: Project, service: Service, flags: BuildFlags = {}): BuildWork {
  const build = service.build ?? {};
  const refused = refusal(build);
  if (refused !== undefined) {
    throw new GantryError('project/build-refused', `service "${service.name}": build.${refused} needs BuildKit`, {
      hint: `take build.${refused} away; the classic builder has everything else`,
    });
  }
  const image = imageOf(project.name, service);
  const context = build.context ?? project.working_dir;
  return {
    service: service.name,
    image,
    context,
    ...(build.dockerfile_inline === undefined ? dockerfileOf(context, build) : { inline: build.dockerfile_inline }),
    options: optionsOf(project, { service, build, image, flags }),
    quiet: flags.quiet ?? false,
  };
}

const isUrl = (context: string): boolean => /^[a-z+]+:\/\/|^git@|^github\.com\//.test(context);

function dockerfileOf(context: string, { dockerfile }: Build): { dockerfile?: string } {
  if (dockerfile === undefined) return {};
  // the default is looked for in the context, where `dockerfile` is known, too
  if (dockerfile === 'Dockerfile') return {};
  return { dockerfile: isUrl(context) ? dockerfile : resolve(context, dockerfile) };
}

/** The attribute that cannot be met; undefined when all can. */
function refusal(build: Build): string | undefined {
  const isGiven = (value: object | undefined): boolean => value !== undefined && Object.keys(value).length > 0;
  if (isGiven(build.ssh)) return 'ssh';
  if (isGiven(build.secrets)) return 'secrets';
  if (isGiven(build.additional_contexts)) return 'additional_contexts';
  if (isGiven(build.entitlements)) return 'entitlements';
  if (build.privileged === true) return 'privileged';
  return (build.platforms ?? []).length > 1 ? 'platforms (more than one)' : undefined;
}

interface OptionsInput {
  readonly service: Service;
  readonly build: Build;
  readonly image: string;
  readonly flags: BuildFlags;
}

function optionsOf(project: Project, { service, build, image, flags }: OptionsInput): BuildOptions {
  return {
    t: [...new Set([image, ...(build.tags ?? [])])],
    buildargs: { ...given(build.args), ...flags.args },
    labels: { ...given(build.labels), ...ownLabels(project, service) },
    target: build.target,
    platform: build.platforms?.[0] ?? service.platform,
    nocache: flags.noCache === true || build.no_cache === true ? true : undefined,
    pull: flags.pull === true || build.pull === true ? true : undefined,
    rm: true,
    forcerm: true,
    cachefrom: build.cache_from,
    networkmode: build.network,
    extrahosts: Object.entries(build.extra_hosts ?? {}).flatMap(([host, list]) => list.map((at) => `${host}:${at}`)),
    shmsize: build.shm_size,
    memory: flags.memory,
    isolation: build.isolation,
    ulimits: ulimitsOf(build),
  };
}

function ownLabels(project: Project, service: Service): Record<string, string> {
  return {
    [LABEL.project]: project.name,
    [LABEL.service]: service.name,
    [LABEL.version]: COMPOSE_VERSION,
    [LABEL.imageBuilder]: 'classic',
  };
}

/** Null in a file means "as it is": nothing is said of it. */
function given(values: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, String(value as string | number | boolean)]],
    ),
  );
}

function ulimitsOf({ ulimits }: Build): BuildOptions['ulimits'] {
  if (ulimits === undefined) return undefined;
  return Object.entries(ulimits).map(([Name, limit]) =>
    typeof limit === 'number' ? { Name, Soft: limit, Hard: limit } : { Name, Soft: limit.soft, Hard: limit.hard },
  );
}
