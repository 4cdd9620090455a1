// A build from its parsed Dockerfile to its image: stage by stage, step by step.
import type { ContainerConfig } from '../../api/containers.ts';
import { GantryError, isGantryError } from '../../base/error.ts';
import type { ImageRecord } from '../images/records.ts';
import { ZERO_TIME } from '../images/store.ts';
import { canonicalName, familiarName, shortDigest } from '../images/reference.ts';
import { emitImage, tagImage } from '../images/tag.ts';
import { baseImage } from './base-image.ts';
import { prepareCopy, copyLayer } from './copy-step.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import type { Instruction } from './dockerfile/types.ts';
import { applyMetadata } from './metadata.ts';
import { prepareRun, type StepPlace } from './run-step.ts';
import { declare, globalExpansion, stageExpansion, stageScope, unusedArgs, type StageScope } from './scope.ts';
import { commitSteps, hold, say, type Session } from './session.ts';
import { nopText, runConfigOf } from './stage-image.ts';
import { baseName, findStage, type Plan, type Stage } from './stages.ts';
import { takeStep, type PreparedStep } from './step.ts';
import type { StageImage } from './types.ts';

/** Builds; tells the client what happens and gives the image's id. What was completed is remembered also on failure. */
export async function runBuild(session: Session, { before, stages }: Plan): Promise<string> {
  const labels = labelStep(session.request.labels);
  session.steps = before.length + stages.reduce((sum, { steps }) => sum + steps.length + 1, 0) + labels.length;
  let image: StageImage | undefined;
  try {
    for (const instruction of before) await announce(session, instruction.original);
    for (const stage of stages) {
      const extra = stage === stages.at(-1) ? labels : [];
      image = await buildStage(session, { ...stage, steps: [...stage.steps, ...extra] });
    }
  } finally {
    await commitSteps(session, image === undefined ? undefined : newImage(session, image));
  }
  if (image === undefined || image.id === '')
    throw new GantryError('engine/bad-parameter', 'No image was generated. Is your Dockerfile empty?');
  const unused = unusedArgs(session.scope);
  if (unused.length > 0)
    await say(session, `[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n`);
  return image.id;
}

async function announce(session: Session, text: string): Promise<void> {
  session.signal.throwIfAborted();
  session.step += 1;
  await say(session, `Step ${session.step}/${session.steps} : ${text}\n`);
}

async function buildStage(session: Session, stage: Stage): Promise<StageImage> {
  await announce(session, stage.from.original);
  const name = baseName(stage, globalExpansion(session.scope));
  const platform = stage.from.flags.find((flag) => flag.name === 'platform')?.value ?? session.request.platform;
  const base =
    findStage(session.done, name)?.image ?? (await located(session, stage.from, baseImage(session, name, platform)));
  hold(session, base);
  await say(session, ` ---> ${base.id === '' ? '' : shortDigest(base.id)}\n`);
  const walk: StageWalk = {
    session,
    scope: stageScope(session.scope),
    image: base,
    config: runConfigOf(base),
    hasCommand: false,
  };
  await runTriggers(walk);
  for (const instruction of stage.steps) {
    await announce(session, instruction.original);
    await located(session, instruction, takeInstruction(walk, instruction));
  }
  session.done.push({ index: stage.index, name: stage.name, image: walk.image });
  return walk.image;
}

/** A stage on its way. */
interface StageWalk {
  readonly session: Session;
  readonly scope: StageScope;
  image: StageImage;
  config: ContainerConfig;
  hasCommand: boolean;
}

/** What the base image asks of its children: run first, and not handed down again. */
async function runTriggers(walk: StageWalk): Promise<void> {
  const { session, config } = walk;
  const triggers = config.OnBuild ?? [];
  if (triggers.length === 0) return;
  walk.config = { ...config, OnBuild: null };
  await say(session, `# Executing ${triggers.length} build trigger${triggers.length === 1 ? '' : 's'}\n`);
  for (const trigger of triggers) {
    const [, instruction] = parseDockerfile(`FROM scratch\n${trigger}`, { name: 'ONBUILD' }).instructions;
    if (instruction !== undefined) await takeInstruction(walk, instruction);
  }
}

async function takeInstruction(walk: StageWalk, instruction: Instruction): Promise<void> {
  if (instruction.keyword === 'ARG') declare(walk.scope, instruction, walk.config);
  const step = await prepare(walk, instruction);
  walk.image = await takeStep(walk.session, walk.image, step);
  walk.config = step.config;
  if (instruction.keyword === 'CMD') walk.hasCommand = true;
}

async function prepare(walk: StageWalk, instruction: Instruction): Promise<PreparedStep> {
  const { session, image, scope, config, hasCommand } = walk;
  const place: StepPlace = { session, image, scope, config, instruction };
  const { keyword } = instruction;
  if (keyword === 'RUN') return await prepareRun(place);
  if (keyword === 'COPY' || keyword === 'ADD') return await prepareCopy(place);
  if (keyword === 'FROM') throw new Error('a stage has one FROM');
  const change = applyMetadata(keyword, { config, instruction, expansion: stageExpansion(scope, config), hasCommand });
  const createdBy = nopText(config, change.comment);
  const author = change.author === undefined ? {} : { author: change.author };
  const step = { key: [createdBy, JSON.stringify(change.config)], config: change.config, createdBy, ...author };
  return keyword === 'WORKDIR' ? { ...step, layer: folderLayer(place, change.config) } : step;
}

/** The working folder is made in the image, unless it is there. */
function folderLayer(
  { session, image }: StepPlace,
  { WorkingDir }: ContainerConfig,
): NonNullable<PreparedStep['layer']> {
  const { fs } = session.deps.store;
  return async () =>
    await copyLayer(
      session,
      image,
      async (into) => fs.copy({ into, make: WorkingDir || '/', pairs: [], signal: session.signal }),
      { onlyIfChanged: true },
    );
}

/** `--label` is a LABEL at the end. */
function labelStep(labels: Readonly<Record<string, string>>): Instruction[] {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  const quote = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
  const original = `LABEL ${entries.map(([name, value]) => `${quote(name)}=${quote(value)}`).join(' ')}`;
  return parseDockerfile(`FROM scratch\n${original.replaceAll('\n', ' ')}`, { name: '--label' }).instructions.slice(1);
}

/** A failure gets the place in the Dockerfile where it belongs. */
async function located<T>({ request }: Session, { line }: Instruction, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isGantryError(error) || error.code === 'base/aborted') throw error;
    const { code, message, hint, details, cause } = error;
    // a Dockerfile that was not in the context has a name that tells nobody anything
    const file = /^\.dockerfile\.[0-9a-f]{8,}$/.test(request.dockerfile) ? 'Dockerfile' : request.dockerfile;
    const where = `${file}, line ${line}${hint === undefined ? '' : `: ${hint}`}`;
    throw new GantryError(code, message, { hint: where, details: { line, ...details }, cause });
  }
}

/** The image's row, unless it is there. */
function newImage({ deps: { store } }: Session, image: StageImage): ImageRecord | undefined {
  const known = store.records.image(image.id);
  if (image.id === '' || (known !== undefined && known.hidden !== true)) return undefined;
  return {
    id: image.id,
    configText: JSON.stringify(image.config),
    addedAt: new Date().toISOString(),
    taggedAt: ZERO_TIME,
    chains: image.chains,
  };
}

/** Gives a built image its names, and says so. */
export async function finishBuild(
  { progress, request, deps }: Pick<Session, 'progress' | 'request' | 'deps'>,
  id: string,
): Promise<void> {
  const image = deps.store.records.image(id);
  if (image === undefined) throw new Error('the image that was built is not there');
  for (const ref of request.tags) {
    const isTagged = deps.store.records.tagged(canonicalName(ref)) === id;
    if (isTagged) emitImage(deps.store, 'tag', image, familiarName(ref));
    else tagImage(deps.store, image, ref);
  }
  await progress.image(id);
  await progress.text(`Successfully built ${shortDigest(id)}\n`);
  for (const ref of request.tags) await progress.text(`Successfully tagged ${familiarName(ref)}\n`);
}
