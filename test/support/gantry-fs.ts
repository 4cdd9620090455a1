// Runs gantry-fs on a folder of its own, which stands beside a folder that nothing may touch.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecked, runProcess, type ProcessResult } from '../../src/base/process.ts';
import { nativeBinary } from './zygote.ts';

/** A folder to unpack into. */
export class FsJob implements AsyncDisposable {
  /** Holds `root` and `outside`. */
  readonly folder: string;
  readonly root: string;
  /** A file in it is called `secret`. */
  readonly outside: string;
  readonly binary: string;

  private constructor(folder: string, binary: string) {
    this.folder = folder;
    this.root = join(folder, 'root');
    this.outside = join(folder, 'outside');
    this.binary = binary;
  }

  static async create(): Promise<FsJob> {
    const job = new FsJob(await mkdtemp(join(tmpdir(), 'gantry-fs-')), await nativeBinary('gantry-fs'));
    await mkdir(job.root);
    await runChecked('sh', ['-c', 'mkdir "$0" && echo secret >"$0/secret"', job.outside]);
    return job;
  }

  /** Unpacks an archive below `root`. */
  async unpack(tar: Uint8Array, ...flags: readonly string[]): Promise<ProcessResult> {
    return await runProcess(this.binary, ['unpack', '--root', this.root, ...flags], { input: tar });
  }

  /** The same, which must succeed. */
  async unpacked(tar: Uint8Array): Promise<string> {
    const { status, stdout, stderr } = await this.unpack(tar);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  async run(...args: readonly string[]): Promise<ProcessResult> {
    return await runProcess(this.binary, args);
  }

  /** Runs it with its output, which need not be text, in a file. */
  async runTo(file: string, ...args: readonly string[]): Promise<void> {
    await runChecked('sh', ['-c', 'file=$0 && exec "$@" >"$file"', file, this.binary, ...args]);
  }

  /** Runs it where `outside` is mounted on a folder. */
  async withMount(
    target: string,
    args: readonly string[],
    input: Uint8Array = Buffer.alloc(0),
  ): Promise<ProcessResult> {
    const script = 'mount --bind "$0" "$1" && shift && exec "$@"';
    const inMount = ['-m', 'sh', '-c', script, this.outside, target, this.binary, ...args];
    return await runProcess('unshare', inMount, { input });
  }

  /** One line a file of `outside`: what it is, whose it is, what is in it. */
  async outsideState(): Promise<string> {
    const print = '%P %y %m %U %G %n %s %T@\\n';
    const list = await runChecked('find', [this.outside, '-printf', print]);
    return list + (await runChecked('cat', [join(this.outside, 'secret')]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
