// Instructions that only change the image's configuration: one row each, with the comment Docker's history has. Pure.
import { posix } from 'node:path';
import type { ContainerConfig } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { expandWord, expandWords, type Expansion } from './dockerfile/expand.ts';
import { healthcheckOf } from './dockerfile/health.ts';
import type { Instruction, Keyword } from './dockerfile/types.ts';
import { shellOf } from './stage-image.ts';

/** What an instruction does to a configuration. */
export interface Change {
  readonly config: ContainerConfig;
  readonly comment: string;
  readonly author?: string;
}

interface Source {
  readonly config: ContainerConfig;
  readonly instruction: Instruction;
  readonly expansion: Expansion;
  /** True when this stage had a CMD already. */
  readonly hasCommand: boolean;
}

type Apply = (source: Source) => Change;

/** Keywords that change nothing but the configuration. WORKDIR makes a folder besides. */
export type MetadataKeyword = Exclude<Keyword, 'FROM' | 'RUN' | 'COPY' | 'ADD'>;

const ROWS: Readonly<Record<MetadataKeyword, Apply>> = {
  ARG: ({ config, instruction }) => ({ config, comment: ` ARG ${instruction.args.join(' ')}` }),
  CMD: (source) => {
    const Cmd = commandOf(source);
    return { config: { ...source.config, Cmd }, comment: ` CMD ${quoted(Cmd)}` };
  },
  ENTRYPOINT: entrypoint,
  ENV: env,
  EXPOSE: expose,
  HEALTHCHECK: ({ config, instruction }) => {
    const Healthcheck = healthcheckOf(instruction);
    return { config: { ...config, Healthcheck }, comment: ` HEALTHCHECK ${JSON.stringify(Healthcheck)}` };
  },
  LABEL: label,
  MAINTAINER: ({ config, instruction }) => {
    const author = instruction.args[0] ?? '';
    return { config, comment: ` MAINTAINER ${author}`, author };
  },
  ONBUILD: ({ config, instruction }) => {
    const trigger = instruction.args[0] ?? '';
    return { config: { ...config, OnBuild: [...(config.OnBuild ?? []), trigger] }, comment: ` ONBUILD ${trigger}` };
  },
  SHELL: ({ config, instruction }) => ({
    config: { ...config, Shell: instruction.args },
    comment: ` SHELL [${instruction.args.join(' ')}]`,
  }),
  STOPSIGNAL: (source) => single(source, (StopSignal) => ({ StopSignal })),
  USER: (source) => single(source, (User) => ({ User })),
  VOLUME: volume,
  WORKDIR: (source) => {
    const WorkingDir = absolute(source.config, expandWord(source.instruction.args[0] ?? '', source.expansion));
    return { config: { ...source.config, WorkingDir }, comment: `WORKDIR ${WorkingDir}` };
  },
};

/** Applies an instruction. Throws engine/bad-parameter with Docker's texts. */
export function applyMetadata(keyword: MetadataKeyword, source: Source): Change {
  return ROWS[keyword](source);
}

/** A path within the image: relative ones begin at the working folder. A slash at its end stays. */
export function absolute({ WorkingDir }: ContainerConfig, path: string): string {
  return posix.join('/', path.startsWith('/') ? path : posix.join(WorkingDir || '/', path));
}

/** The exec form as it is, the shell form through the shell. */
function commandOf({ config, instruction }: Source): readonly string[] {
  const { form, args } = instruction;
  if (form === 'json' || args.length === 0) return args;
  return [...shellOf(config), args.join(' ')];
}

/** The image's command was made for the image's entrypoint: it goes, unless this Dockerfile gave one. */
function entrypoint(source: Source): Change {
  const Entrypoint = commandOf(source);
  const config = { ...source.config, Entrypoint };
  const comment = ` ENTRYPOINT ${quoted(Entrypoint)}`;
  return source.hasCommand ? { config, comment } : { config: { ...config, Cmd: null }, comment };
}

function env({ config, instruction, expansion }: Source): Change {
  const list = [...(config.Env ?? [])];
  const added = pairsOf(instruction, expansion).map(([name, value]) => {
    const at = list.findIndex((entry) => entry === name || entry.startsWith(`${name}=`));
    list.splice(at < 0 ? list.length : at, 1, `${name}=${value}`);
    return `${name}=${value}`;
  });
  return { config: { ...config, Env: list }, comment: ` ENV ${added.join(' ')}` };
}

function label({ config, instruction, expansion }: Source): Change {
  const pairs = pairsOf(instruction, expansion);
  const comment = ` LABEL ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`;
  return { config: { ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs) } }, comment };
}

function pairsOf({ args }: Instruction, expansion: Expansion): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < args.length; at += 2) {
    const name = expandWord(args[at] ?? '', expansion);
    if (name === '') throw new GantryError('engine/bad-parameter', 'names can not be blank');
    pairs.push([name, expandWord(args[at + 1] ?? '', expansion)]);
  }
  return pairs;
}

function expose({ config, instruction, expansion }: Source): Change {
  const written = instruction.args.flatMap((word) => expandWords(word, expansion)).sort();
  const ports = Object.fromEntries(written.flatMap(exposedPorts).map((port) => [port, {}]));
  return {
    config: { ...config, ExposedPorts: { ...config.ExposedPorts, ...ports } },
    comment: ` EXPOSE ${written.join(' ')}`,
  };
}

/** `80`, `53/udp`, `8000-8010/tcp`; a host's part before it counts for nothing. */
function exposedPorts(word: string): string[] {
  const found = /^(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word);
  const from = Number(found?.[1]);
  const to = Number(found?.[2] ?? found?.[1]);
  if (!found || from < 1 || to > 65535 || to < from)
    throw new GantryError('engine/bad-parameter', `invalid containerPort: ${word}`);
  const protocol = (found[3] ?? 'tcp').toLowerCase();
  return Array.from({ length: to - from + 1 }, (_unused, index) => `${from + index}/${protocol}`);
}

function volume({ config, instruction, expansion }: Source): Change {
  const paths = instruction.args.map((word) => expandWord(word, expansion).trim());
  if (paths.includes('')) throw new GantryError('engine/bad-parameter', 'VOLUME specified can not be an empty string');
  const Volumes = { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
  return { config: { ...config, Volumes }, comment: ` VOLUME [${paths.join(' ')}]` };
}

function single({ config, instruction, expansion }: Source, set: (value: string) => ContainerConfig): Change {
  const value = expandWord(instruction.args[0] ?? '', expansion);
  return { config: { ...config, ...set(value) }, comment: ` ${instruction.keyword} ${value}` };
}

function quoted(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`;
}
