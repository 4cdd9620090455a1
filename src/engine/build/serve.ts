// POST /build from request to stream. Whatever happens, the build's folder, containers and pins go.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isGantryError } from '../../base/error.ts';
import { tellDiskFull } from '../disk-full.ts';
import type { ApiRequest, StreamAnswer } from '../http/types.ts';
import { sweep } from '../images/sweep.ts';
import { finishBuild, runBuild } from './build.ts';
import { trimCache } from './cache-bound.ts';
import { receiveContext, type Context } from './context.ts';
import { MAX_ENTRIES, type Replay } from './context-memo.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { progressOver } from './progress.ts';
import { holdsStill, replayKey, replayOf } from './replay.ts';
import { readBuildRequest } from './request.ts';
import { buildScope } from './scope.ts';
import { closeSession, say, type Session } from './session.ts';
import { planStages, type Plan } from './stages.ts';
import type { BuildDeps, BuildRequest } from './types.ts';

const JSON_LINES = { 'Content-Type': 'application/json' };

/** Receives the context and reads the Dockerfile, whose mistakes are answered with a status; the rest is a stream. */
export async function serveBuild(deps: BuildDeps, request: ApiRequest): Promise<StreamAnswer> {
  const wanted = readBuildRequest(request);
  const folder = join(deps.store.folders.work, `build-${randomBytes(8).toString('hex')}`);
  let context: Context | undefined;
  try {
    const body = request.body.iterator({ destroyOnReturn: false });
    const { remote } = wanted;
    context = await receiveContext(deps, { body, remote }, { folder, signal: request.signal });
    const again = context.known?.replays.get(replayKey(wanted));
    if (again !== undefined && holdsStill(deps, wanted, again)) {
      await context[Symbol.asyncDispose]();
      return repeated(deps, wanted, again);
    }
    const ready = await read(wanted, context, folder);
    return {
      headers: JSON_LINES,
      write: async (out, signal) => {
        const progress = progressOver(out, { quiet: wanted.quiet, signal });
        await work({ deps, ...ready, progress, signal }, ready.plan);
      },
    };
  } catch (error) {
    await context?.[Symbol.asyncDispose]();
    await deps.store.fs.remove([folder], {});
    throw error;
  }
}

/** The same build again. */
function repeated(deps: BuildDeps, request: BuildRequest, { said, image, hits }: Replay): StreamAnswer {
  deps.cache.touch(hits);
  return {
    headers: JSON_LINES,
    write: async (out, signal) => {
      const progress = progressOver(out, { quiet: request.quiet, signal });
      try {
        for (const text of said) await progress.text(text);
        await finishBuild({ progress, request, deps }, image);
      } catch (error) {
        await progress.failure(error);
      }
      progress.flush();
    },
  };
}

type Ready = Omit<Session, 'deps' | 'progress' | 'signal'> & { readonly plan: Plan };

async function read(request: BuildRequest, context: Context, folder: string): Promise<Ready> {
  const words = await context.dockerfile(request.dockerfile);
  const dockerfile = parseDockerfile(words, { name: request.dockerfile });
  const plan = planStages(dockerfile, request.target);
  return {
    request,
    dockerfile,
    folder,
    context,
    scope: buildScope(dockerfile, request.buildArgs, plan.before),
    plan,
    ...{ done: [], fresh: [], hits: [], held: [], removals: [], bases: [], said: [], isUrlRead: false },
    ...{ step: 0, steps: 0, folders: 0 },
  };
}

function remember(session: Session, image: string): void {
  const { context, request } = session;
  const replay = replayOf(session, image);
  const replays = context.known?.replays;
  if (replay === undefined || replays === undefined) return;
  if (replays.size >= MAX_ENTRIES) replays.clear();
  replays.set(replayKey(request), replay);
}

async function work(session: Session, plan: Plan): Promise<void> {
  const { deps, progress, signal, dockerfile } = session;
  try {
    for (const warning of dockerfile.warnings) await say(session, `[Warning] ${warning}\n`);
    const image = await runBuild(session, plan);
    remember(session, image);
    await finishBuild(session, image);
  } catch (thrown) {
    if (signal.aborted) return;
    const error = tellDiskFull(thrown);
    const code = isGantryError(error, 'engine/build-failed') ? Number(error.details['code']) : undefined;
    if (!isGantryError(error)) deps.engine.log.error('build failed', { error });
    await progress.failure(error, code);
  } finally {
    progress.flush();
    await closeSession(session);
    if (session.fresh.length > 0) {
      trimCache(deps);
      await sweep(deps.store);
    }
  }
}
