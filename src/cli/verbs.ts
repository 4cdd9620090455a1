// The verbs of the command line: what each is for, and where its code is. Loading one loads nothing of the others.
import { DOCKER, DOCKER_GROUPS, REGISTRY } from './commands/docker/table.ts';
import type { DefineVerb, VerbTable } from './verb.ts';

const up = async (): Promise<DefineVerb> => (await import('./commands/up.ts')).up;

const refused = async (why: string, hint: string): Promise<DefineVerb> =>
  (await import('./commands/refused.ts')).refused(why, hint);

/** What docker compose has and gantry has not. */
const REFUSED = {
  publish: {
    summary: 'not supported',
    hidden: true,
    load: async () =>
      await refused(
        'gantry puts no compose files into registries',
        'gantry config --resolve-image-digests -o FILE makes one file to hand on',
      ),
  },
  bridge: {
    summary: 'not supported',
    hidden: true,
    load: async () =>
      await refused('gantry makes no files for other platforms', 'gantry config prints the whole project'),
  },
  alpha: {
    summary: 'not supported',
    hidden: true,
    load: async () => await refused("docker compose's experiments are not there", 'gantry --help lists what is'),
  },
} as const satisfies VerbTable;

/** True for verbs of docker compose, false for Docker's own and those that ask no engine of a project. */
export const isComposeVerb = (name: string): boolean =>
  VERBS[name]?.load !== undefined && !(name in REGISTRY) && !(name in REFUSED);

/** All verbs, in the order of the help. */
export const VERBS: VerbTable = {
  up: { summary: 'create and start the containers of a project', load: up },
  down: { summary: 'stop and remove what up made', load: async () => (await import('./commands/down.ts')).down },
  ps: { summary: 'list containers', load: async () => (await import('./commands/ps.ts')).ps },
  logs: { summary: 'show what containers write', load: async () => (await import('./commands/logs.ts')).logs },
  exec: {
    summary: 'run a command in a running container',
    load: async () => (await import('./commands/exec.ts')).exec,
  },
  run: {
    summary: 'run a command in a container of its own',
    load: async () => (await import('./commands/run.ts')).run,
  },
  attach: {
    summary: "connect with a container's streams",
    load: async () => (await import('./commands/attach.ts')).attach,
  },
  create: { summary: 'create containers and start none', load: async () => (await import('./commands/up.ts')).create },
  start: { summary: 'start containers', load: async () => (await import('./commands/start.ts')).start },
  stop: { summary: 'stop containers', load: async () => (await import('./commands/stop.ts')).stop },
  restart: { summary: 'stop and start containers', load: async () => (await import('./commands/restart.ts')).restart },
  kill: { summary: 'send containers a signal', load: async () => (await import('./commands/kill.ts')).kill },
  pause: { summary: 'freeze containers', load: async () => (await import('./commands/pause.ts')).pause },
  unpause: { summary: 'go on with frozen containers', load: async () => (await import('./commands/pause.ts')).unpause },
  rm: { summary: 'remove stopped containers', load: async () => (await import('./commands/rm.ts')).rm },
  scale: {
    summary: 'change how many containers services have',
    load: async () => (await import('./commands/scale.ts')).scale,
  },
  config: {
    summary: 'print the project in canonical form',
    load: async () => (await import('./commands/config.ts')).config,
  },
  port: { summary: 'print where a port is published', load: async () => (await import('./commands/port.ts')).port },
  top: { summary: 'list processes', load: async () => (await import('./commands/top.ts')).top },
  cp: { summary: 'copy files to or from containers', load: async () => (await import('./commands/cp.ts')).cp },
  stats: { summary: 'show what containers use', load: async () => (await import('./commands/stats.ts')).stats },
  events: {
    summary: 'print what happens to containers',
    load: async () => (await import('./commands/events.ts')).events,
  },
  wait: { summary: 'wait until containers end', load: async () => (await import('./commands/wait.ts')).wait },
  watch: {
    summary: 'keep containers up to date with the files',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  images: { summary: 'list images of the containers', load: async () => (await import('./commands/images.ts')).images },
  volumes: {
    summary: 'list volumes of the project',
    load: async () => (await import('./commands/volumes.ts')).volumes,
  },
  commit: {
    summary: "make an image of a service's container",
    load: async () => (await import('./commands/commit.ts')).commit,
  },
  export: {
    summary: 'write the file system of a container as a tar',
    load: async () => (await import('./commands/export.ts')).exportVerb,
  },
  ls: { summary: 'list projects', load: async () => (await import('./commands/ls.ts')).ls },
  build: { summary: 'build the images of services', load: async () => (await import('./commands/build.ts')).build },
  pull: { summary: 'get images from a registry', load: async () => (await import('./commands/pull.ts')).pull },
  push: { summary: 'send images to a registry', load: async () => (await import('./commands/push.ts')).push },
  ...REGISTRY,
  version: { summary: 'print the version', load: async () => (await import('./commands/version.ts')).version },
  docker: { summary: "Docker's commands", below: DOCKER },
  ...DOCKER_GROUPS,
  ...REFUSED,
  convert: { summary: 'config', hidden: true, load: async () => (await import('./commands/config.ts')).config },
};
