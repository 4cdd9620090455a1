// Which verb a command line calls, found without the tables of verbs and flags, which are in the bundle that this chooses the
// compiled form for. A wrong answer only costs time.

/** Global flags whose value is a word of its own (globals.ts). */
const VALUED =
  /^(?:-[fpH]|--(?:file|project-(?:name|directory)|workdir|env-file|profile|parallel|progress|ansi|host))$/;
/** Verbs that have verbs. */
const GROUPS = ['docker', 'container', 'image', 'volume', 'network', 'system', 'builder'];

/** The first word that could be a verb, and with a dash the one behind it where verbs have verbs; "" when there is none. */
export function verbWord(args: readonly string[]): string {
  const words = args.filter((word, at) => !VALUED.test(args[at - 1] ?? '') && /^[a-z]{2,12}$/.test(word));
  return words.slice(0, GROUPS.includes(words[0] ?? '') ? 2 : 1).join('-');
}
