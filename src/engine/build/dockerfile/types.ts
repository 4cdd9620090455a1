// What a Dockerfile is once it is read. Values are as written: quotes, escapes and variables stand in them until
// `expand.ts` is asked. Declarations only.

/** The instructions there are, in the order Docker lists them. */
export const KEYWORDS = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const;

/** An instruction's name, upper case. */
export type Keyword = (typeof KEYWORDS)[number];

/** `--name=value` before the arguments; a flag without `=` has the value `true`. */
export interface Flag {
  readonly name: string;
  readonly value: string;
}

/** The file that follows a `<<NAME`. */
export interface Heredoc {
  readonly name: string;
  /** Lines as written, each with its newline. */
  readonly content: string;
  /** False when the name was quoted: variables in the content stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are to be taken off each line. */
  readonly chomp: boolean;
}

/** One instruction. */
export interface Instruction {
  readonly keyword: Keyword;
  /** In the order written. */
  readonly flags: readonly Flag[];
  readonly form: 'json' | 'words' | 'text';
  /**
   * `json`: the array's strings. `text`: one string, the rest of the line (RUN, CMD, ENTRYPOINT, MAINTAINER, USER,
   * WORKDIR, STOPSIGNAL, ONBUILD); nothing when the rest is empty. `words`: the words; for ENV and LABEL names and
   * values in turn; for ARG `NAME` or `NAME=VALUE` each; FROM `image [AS name]`. HEALTHCHECK: the type (`NONE`, `CMD`)
   * first, then the command, whose form this is.
   */
  readonly args: readonly string[];
  readonly heredocs: readonly Heredoc[];
  /** The logical line, as "Step n/m : …" prints it. */
  readonly original: string;
  /** First line, from 1. */
  readonly line: number;
  /** Last line, heredocs included. */
  readonly endLine: number;
  /** What ONBUILD holds. */
  readonly onbuild?: Instruction;
}

/** A whole Dockerfile: checked, so that each instruction has the arguments it needs. */
export interface Dockerfile {
  readonly escape: '\\' | '`';
  readonly instructions: readonly Instruction[];
  /** What is odd but no error, one line each. */
  readonly warnings: readonly string[];
}
