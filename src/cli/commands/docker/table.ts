// Docker's verbs: one line a verb, in the groups of Docker's own command line. A row loads its own file and nothing of the
// others. `gantry docker VERB`, `gantry container VERB` and so on are all made from this table.
import type { VerbRow, VerbTable } from '../../verb.ts';

const CONTAINER = {
  ls: {
    summary: 'list containers',
    aliases: ['ps', 'list'],
    load: async () => (await import('./ps.ts')).ps,
  },
} as const satisfies VerbTable;

const IMAGE = {
  history: { summary: 'show the history of an image', load: async () => (await import('../image.ts')).history },
  import: {
    summary: 'make an image of the contents of a tar',
    load: async () => (await import('../image.ts')).importVerb,
  },
  inspect: { summary: 'show all about images', load: async () => (await import('../image.ts')).inspect },
  ls: { summary: 'list images', aliases: ['list'], load: async () => (await import('../image.ts')).ls },
  rm: { summary: 'remove images', aliases: ['remove'], load: async () => (await import('../image.ts')).rm },
  tag: { summary: 'give an image another name', load: async () => (await import('../image.ts')).tag },
} as const satisfies VerbTable;

const VOLUME = {} as const satisfies VerbTable;

const NETWORK = {} as const satisfies VerbTable;

const SYSTEM = {} as const satisfies VerbTable;

const BUILDER = {} as const satisfies VerbTable;

/** `gantry container …`, `gantry image …` and so on; also below `gantry docker`. */
export const DOCKER_GROUPS = {
  container: { summary: 'manage containers', below: CONTAINER },
  image: { summary: 'manage images', below: IMAGE },
  volume: { summary: 'manage volumes', below: VOLUME },
  network: { summary: 'manage networks', below: NETWORK },
  system: { summary: 'manage the engine', below: SYSTEM },
  builder: { summary: 'manage builds', below: BUILDER },
} as const satisfies VerbTable;

/** `gantry docker …`: the flat names people learn first, then the groups. */
export const DOCKER: VerbTable = {
  ps: plain(CONTAINER.ls),
  images: plain(IMAGE.ls),
  history: IMAGE.history,
  import: IMAGE.import,
  rmi: plain(IMAGE.rm),
  tag: IMAGE.tag,
  ...DOCKER_GROUPS,
};

/** A row under another name, without its aliases. */
function plain({ summary, load }: Required<Pick<VerbRow, 'summary' | 'load'>>): VerbRow {
  return { summary, load };
}
