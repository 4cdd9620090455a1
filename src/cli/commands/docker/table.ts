// Docker's verbs: one line a verb, in the groups of Docker's own command line. A row loads its own file and nothing of the
// others. `gantry docker VERB`, `gantry container VERB` and so on are all made from this table.
import type { VerbRow, VerbTable } from '../../verb.ts';

const CONTAINER = {
  attach: {
    summary: "connect with a running container's streams",
    load: async () => (await import('./attach.ts')).attach,
  },
  commit: {
    summary: 'make an image of a container',
    load: async () => (await import('./container-commit.ts')).containerCommit,
  },
  cp: { summary: 'copy files to or from a container', load: async () => (await import('./cp.ts')).cp },
  create: { summary: 'create a container and do not start it', load: async () => (await import('./run.ts')).create },
  diff: { summary: 'list what a container changed', load: async () => (await import('./diff.ts')).diff },
  exec: { summary: 'run a command in a running container', load: async () => (await import('./exec.ts')).exec },
  export: {
    summary: "write a container's files as a tar",
    load: async () => (await import('./export.ts')).exportContainer,
  },
  inspect: {
    summary: 'show all about containers',
    load: async () => (await import('./inspect-container.ts')).inspectContainer,
  },
  kill: { summary: 'send containers a signal', load: async () => (await import('./life.ts')).kill },
  logs: { summary: 'show what a container wrote', load: async () => (await import('./logs.ts')).logs },
  pause: { summary: 'freeze containers', load: async () => (await import('./life.ts')).pause },
  port: { summary: 'show where ports are published', load: async () => (await import('./port.ts')).port },
  prune: {
    summary: 'remove stopped containers',
    load: async () => (await import('./container-prune.ts')).containerPrune,
  },
  rename: { summary: 'rename a container', load: async () => (await import('./life.ts')).rename },
  restart: { summary: 'stop and start containers', load: async () => (await import('./life.ts')).restart },
  rm: { summary: 'remove containers', aliases: ['remove'], load: async () => (await import('./rm.ts')).rm },
  run: { summary: 'create and start a container of an image', load: async () => (await import('./run.ts')).run },
  start: { summary: 'start containers', load: async () => (await import('./start.ts')).start },
  stats: { summary: 'show what containers use', load: async () => (await import('./stats.ts')).stats },
  stop: { summary: 'stop containers', load: async () => (await import('./life.ts')).stop },
  top: { summary: 'list the processes of a container', load: async () => (await import('./top.ts')).top },
  unpause: { summary: 'go on with frozen containers', load: async () => (await import('./life.ts')).unpause },
  update: { summary: 'change limits of containers', load: async () => (await import('./update.ts')).update },
  wait: { summary: 'wait until containers end', load: async () => (await import('./wait.ts')).wait },
  ls: {
    summary: 'list containers',
    aliases: ['ps', 'list'],
    load: async () => (await import('./ps.ts')).ps,
  },
} as const satisfies VerbTable;

const IMAGE = {
  build: { summary: 'build an image from a Dockerfile', load: async () => (await import('./build.ts')).build },
  history: {
    summary: 'show the history of an image',
    load: async () => (await import('./image-history.ts')).imageHistory,
  },
  import: {
    summary: 'make an image of the contents of a tar',
    load: async () => (await import('./image-import.ts')).imageImport,
  },
  inspect: { summary: 'show all about images', load: async () => (await import('./image-inspect.ts')).imageInspect },
  load: { summary: 'take in an archive of images', load: async () => (await import('./image-load.ts')).imageLoad },
  ls: { summary: 'list images', aliases: ['list'], load: async () => (await import('./image-ls.ts')).imageLs },
  prune: { summary: 'remove unused images', load: async () => (await import('./image-prune.ts')).imagePrune },
  pull: { summary: 'get an image from a registry', load: async () => (await import('./image-pull.ts')).imagePull },
  push: { summary: 'send an image to a registry', load: async () => (await import('./image-push.ts')).imagePush },
  rm: { summary: 'remove images', aliases: ['remove'], load: async () => (await import('./image-rm.ts')).imageRm },
  save: { summary: 'write images as an archive', load: async () => (await import('./image-save.ts')).imageSave },
  tag: { summary: 'give an image another name', load: async () => (await import('./image-tag.ts')).imageTag },
} as const satisfies VerbTable;

const VOLUME = {
  create: { summary: 'make a volume', load: async () => (await import('./volume-create.ts')).volumeCreate },
  inspect: { summary: 'show all about volumes', load: async () => (await import('./volume-inspect.ts')).volumeInspect },
  ls: { summary: 'list volumes', aliases: ['list'], load: async () => (await import('./volume-ls.ts')).volumeLs },
  prune: { summary: 'remove unused volumes', load: async () => (await import('./volume-prune.ts')).volumePrune },
  rm: { summary: 'remove volumes', aliases: ['remove'], load: async () => (await import('./volume-rm.ts')).volumeRm },
} as const satisfies VerbTable;

const NETWORK = {
  connect: {
    summary: 'connect a container to a network',
    load: async () => (await import('./network-connect.ts')).networkConnect,
  },
  create: { summary: 'make a network', load: async () => (await import('./network-create.ts')).networkCreate },
  disconnect: {
    summary: 'take a container out of a network',
    load: async () => (await import('./network-disconnect.ts')).networkDisconnect,
  },
  inspect: {
    summary: 'show all about networks',
    load: async () => (await import('./network-inspect.ts')).networkInspect,
  },
  ls: { summary: 'list networks', aliases: ['list'], load: async () => (await import('./network-ls.ts')).networkLs },
  prune: { summary: 'remove unused networks', load: async () => (await import('./network-prune.ts')).networkPrune },
  rm: {
    summary: 'remove networks',
    aliases: ['remove'],
    load: async () => (await import('./network-rm.ts')).networkRm,
  },
} as const satisfies VerbTable;

const SYSTEM = {
  df: { summary: 'show what takes space', load: async () => (await import('./system-df.ts')).systemDf },
  events: { summary: 'show what happens', load: async () => (await import('./system-events.ts')).systemEvents },
  info: { summary: 'show all about the engine', load: async () => (await import('./system-info.ts')).systemInfo },
  prune: { summary: 'remove what is unused', load: async () => (await import('./system-prune.ts')).systemPrune },
} as const satisfies VerbTable;

const BUILDER = {
  prune: { summary: 'empty the build cache', load: async () => (await import('./builder-prune.ts')).builderPrune },
} as const satisfies VerbTable;

const INSPECT = {
  summary: 'show all about objects of any kind',
  load: async () => (await import('./inspect.ts')).inspect,
} as const satisfies VerbRow;

const VERSION = {
  summary: 'show the versions of client and engine',
  load: async () => (await import('./version.ts')).version,
} as const satisfies VerbRow;

/** Verbs about registries; also without `docker`. */
export const REGISTRY = {
  login: { summary: 'log in to a registry', load: async () => (await import('./login.ts')).login },
  logout: { summary: 'log out of a registry', load: async () => (await import('./logout.ts')).logout },
  search: { summary: 'search for images', load: async () => (await import('./search.ts')).search },
} as const satisfies VerbTable;

/** `gantry container …`, `gantry image …` and so on; also below `gantry docker`. */
export const DOCKER_GROUPS = {
  container: { summary: 'manage containers', below: CONTAINER },
  image: { summary: 'manage images', below: IMAGE },
  volume: { summary: 'manage volumes', below: VOLUME },
  network: { summary: 'manage networks', below: NETWORK },
  system: { summary: 'manage the engine', below: SYSTEM },
  builder: { summary: 'manage builds', below: BUILDER },
} as const satisfies VerbTable;

/** Verbs of containers that have the same name without the group. */
const { ls: _ls, prune: _prune, rm: RM, ...CONTAINER_FLAT } = CONTAINER;

/** `gantry docker …`: the flat names people learn first, then the groups. */
export const DOCKER: VerbTable = {
  ...CONTAINER_FLAT,
  rm: plain(RM),
  build: IMAGE.build,
  ps: plain(CONTAINER.ls),
  images: plain(IMAGE.ls),
  events: SYSTEM.events,
  history: IMAGE.history,
  import: IMAGE.import,
  info: SYSTEM.info,
  inspect: INSPECT,
  ...REGISTRY,
  pull: IMAGE.pull,
  push: IMAGE.push,
  rmi: plain(IMAGE.rm),
  commit: CONTAINER.commit,
  load: IMAGE.load,
  save: IMAGE.save,
  tag: IMAGE.tag,
  version: VERSION,
  ...DOCKER_GROUPS,
};

/** A row under another name, without its aliases. */
function plain({ summary, load }: Required<Pick<VerbRow, 'summary' | 'load'>>): VerbRow {
  return { summary, load };
}
