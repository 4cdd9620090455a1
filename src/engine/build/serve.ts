// POST /build from request to stream. Whatever happens, the build's folder, containers and pins go.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isGantryError } from '../../base/error.ts';
import { tellDiskFull } from '../disk-full.ts';
import type { ApiRequest, StreamAnswer } from '../http/types.ts';
import { sweep } from '../images/sweep.ts';
import { runBuild } from './build.ts';
import { trimCache } from './cache-bound.ts';
import { receiveContext, type Context } from './context.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { progressOver } from './progress.ts';
import { readBuildRequest } from './request.ts';
import { buildScope } from './scope.ts';
import { closeSession, type Session } from './session.ts';
import { planStages, type Plan } from './stages.ts';
import type { BuildDeps, BuildRequest } from './types.ts';

/** Receives the context and reads the Dockerfile, whose mistakes are answered with a status; the rest is a stream. */
export async function serveBuild(deps: BuildDeps, request: ApiRequest): Promise<StreamAnswer> {
  const wanted = readBuildRequest(request);
  const folder = join(deps.store.folders.work, `build-${randomBytes(8).toString('hex')}`);
  let context: Context | undefined;
  try {
    const body = request.body.iterator({ destroyOnReturn: false });
    const { remote } = wanted;
    context = await receiveContext(deps, { body, remote }, { folder, signal: request.signal });
    const ready = await read(wanted, context, folder);
    return {
      headers: { 'Content-Type': 'application/json' },
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
    ...{ done: [], fresh: [], hits: [], held: [], removals: [] },
    ...{ step: 0, steps: 0, folders: 0 },
  };
}

async function work(session: Session, plan: Plan): Promise<void> {
  const { deps, progress, signal, dockerfile } = session;
  try {
    for (const warning of dockerfile.warnings) await progress.text(`[Warning] ${warning}\n`);
    await runBuild(session, plan);
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
