// RUN: the command, what its result depends on, and the container it runs in.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerConfig } from '../../api/containers.ts';
import type { Container } from '../containers/container.ts';
import { layerFolders } from '../images/layers.ts';
import { publishDraft } from '../images/pending.ts';
import type { LayerRecord } from '../images/records.ts';
import { draftLayer } from '../images/snapshot.ts';
import { runScript } from './dockerfile/heredoc.ts';
import type { Instruction } from './dockerfile/types.ts';
import { shortDigest } from '../images/reference.ts';
import { dropContainer, keepContainer, makeContainer, nonZero, runContainer, upperOf } from './run-container.ts';
import { runArgs, type StageScope } from './scope.ts';
import { newFolder, type Session } from './session.ts';
import { shellOf } from './stage-image.ts';
import type { PreparedStep } from './step.ts';
import type { StageImage } from './types.ts';

/** A step within its stage. */
export interface StepPlace {
  readonly session: Session;
  readonly image: StageImage;
  readonly scope: StageScope;
  /** The configuration so far. */
  readonly config: ContainerConfig;
  readonly instruction: Instruction;
}

/** Prepares a RUN. */
export async function prepareRun(place: StepPlace): Promise<PreparedStep> {
  const { scope, config, instruction } = place;
  const { command, text, binds } = await commandOf(place);
  const args = runArgs(scope, config);
  const createdBy = args.key.length === 0 ? text : `|${args.key.length} ${args.key.join(' ')} ${text}`;
  return {
    key: ['RUN', ...command, ...args.key, ...instruction.heredocs.map(({ content }) => content)],
    config,
    createdBy,
    layer: async () => await runCommand(place, { command, binds, env: args.all }),
  };
}

interface Command {
  readonly command: readonly string[];
  readonly binds: readonly string[];
}

/** A heredoc that names its interpreter is a file in the container's /dev, so that no layer ever has it. */
async function commandOf({ session, config, instruction }: StepPlace): Promise<Command & { readonly text: string }> {
  if (instruction.form === 'json') return { command: instruction.args, binds: [], text: instruction.args.join(' ') };
  const script = runScript(instruction);
  if (script.kind === 'shell') {
    const command = [...shellOf(config), script.text];
    return { command, binds: [], text: command.join(' ') };
  }
  const file = join(await newFolder(session), 'script');
  await writeFile(file, script.text);
  await chmod(file, 0o755);
  const path = `/dev/pipes/${script.name.replaceAll('/', '_')}`;
  return { command: [path], binds: [`${file}:${path}:ro`], text: [...shellOf(config), script.text].join(' ') };
}

async function runCommand(
  place: StepPlace,
  { command, binds, env }: Command & { readonly env: readonly string[] },
): Promise<LayerRecord> {
  const { session, image, config } = place;
  const { containers, store } = session.deps;
  const container = await makeContainer(containers, {
    imageId: image.id,
    layers: layerFolders(store.folders, image.config.rootfs.diff_ids),
    config: {
      ...config,
      Cmd: command,
      Entrypoint: null,
      Env: [...(config.Env ?? []), ...env],
      Healthcheck: { Test: ['NONE'] },
      OnBuild: null,
    },
    host: { ...session.request.host, Binds: binds },
  });
  return await runIn(place, container, command);
}

async function runIn(
  { session, image, instruction }: StepPlace,
  container: Container,
  command: readonly string[],
): Promise<LayerRecord> {
  const { deps, progress, request, signal } = session;
  const { containers, store } = deps;
  let layer: LayerRecord | undefined;
  try {
    await progress.text(` ---> Running in ${shortDigest(container.id)}\n`);
    const code = await runContainer(containers, container, { output: async (text) => progress.text(text), signal });
    if (code !== 0) throw nonZero(command, code, instruction.line);
    const below = image.chains.at(-1);
    const upper = upperOf(containers, container);
    const lower = below === undefined ? {} : { below };
    const draft = await draftLayer(store, { upper, keep: !request.remove, ...lower }, { signal });
    layer = await publishDraft(store, draft);
  } finally {
    if (layer === undefined ? request.forceRemove || signal.aborted : request.remove) {
      const removal = dropContainer(containers, container);
      // waited for at the end
      removal.catch(() => undefined);
      session.removals.push(removal);
    } else await keepContainer(containers, container);
  }
  if (request.remove) await progress.text(` ---> Removed intermediate container ${shortDigest(container.id)}\n`);
  return layer;
}
