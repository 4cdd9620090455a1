// Builds one image: packs the context, follows the stream, tells of steps and lines.
import { Readable } from 'node:stream';
import { GantryError, isGantryError } from '../../base/error.ts';
import type { RegistryAuth } from '../../client/build.ts';
import { finishBuild, type BuildListener, type BuildStep } from '../../client/build-progress.ts';
import { openContext } from '../../client/context/open.ts';
import type { Docker } from '../../client/docker.ts';
import type { ProgressSink } from '../progress.ts';
import type { BuildWork } from './work.ts';

/** What a build is done with. */
export interface BuildTools {
  readonly docker: Docker;
  readonly progress: ProgressSink;
  readonly signal: AbortSignal;
  /** Credentials for base images, by registry. */
  readonly auths?: (() => Promise<Readonly<Record<string, RegistryAuth>>>) | undefined;
}

/** Builds; gives the image's id. Throws project/build-failed, which names step, line and last words. */
export async function performBuild(tools: BuildTools, work: BuildWork): Promise<string> {
  const { docker, progress, signal } = tools;
  const { context, dockerfile, inline } = work;
  const opened = await openContext({ context, dockerfile, inline, cwd: context, stdin: Readable.from([]), signal });
  try {
    const place = { dockerfile: opened.dockerfile, remote: opened.remote };
    const registryconfig = await tools.auths?.();
    const options = { ...work.options, ...place, registryconfig, abortSignal: signal };
    const stream = await docker.buildImage(opened.input, options);
    return await finishBuild(stream, work.quiet ? {} : listener(work, progress));
  } catch (error) {
    if (signal.aborted)
      throw new GantryError('base/aborted', `the build of ${work.image} was cancelled`, { cause: error });
    throw isGantryError(error, 'client/build-failed') ? placed(error, work) : error;
  } finally {
    opened.input?.destroy();
  }
}

/** Steps are shown in place, lines one after the other. */
function listener({ image, service }: BuildWork, progress: ProgressSink): BuildListener {
  const id = `Image ${image}`;
  let text = 'Building';
  let held = '';
  const say = (line: string): void => progress({ id, text, state: 'working', output: { from: service, line } });
  return {
    step: ({ number, total, instruction }) => {
      text = `[${number}/${total}] ${instruction}`;
    },
    text: (piece) => {
      const lines = (held + piece).split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) say(line);
    },
    status: ({ id: layer, status = '' }) => {
      // what changes many times a second is no line
      if (layer === undefined) say(status);
    },
  };
}

function placed(error: GantryError, work: BuildWork): GantryError {
  const { step, line, lastLines } = error.details as {
    readonly step?: BuildStep;
    readonly line?: number;
    readonly lastLines?: readonly string[];
  };
  const file = work.dockerfile ?? (work.inline === undefined ? 'Dockerfile' : 'dockerfile_inline');
  const at = line === undefined ? file : `${file}:${line}`;
  const where = step === undefined ? at : `${at}, step ${step.number}/${step.total}: ${step.instruction}`;
  // an engine of ours tells the place in its text, too
  const message = error.message.replace(/ \(\S+, line \d+\)$/, '');
  return new GantryError('project/build-failed', `${message} (${where})`, {
    cause: error,
    hint: error.hint ?? 'mend the Dockerfile or the files it needs, and build again',
    details: { lastLines: lastLines ?? [] },
  });
}
