// One step: found in the cache or made, told to the client, remembered.
import type { ContainerConfig } from '../../api/containers.ts';
import type { LayerRecord } from '../images/records.ts';
import { stepKey } from './cache.ts';
import { sameStepElsewhere } from './cache-from.ts';
import { shortDigest } from '../images/reference.ts';
import { hold, say, type Session } from './session.ts';
import { grow } from './stage-image.ts';
import type { StageImage } from './types.ts';

const USING_CACHE = ' ---> Using cache\n';

/** A step that is ready: what it depends on, what becomes of the configuration, how its layer is made. */
export interface PreparedStep {
  /** Everything its result depends on beside the image it starts from. */
  readonly key: readonly string[];
  readonly config: ContainerConfig;
  readonly createdBy: string;
  readonly author?: string;
  /** Its layer is pinned once, for the session. */
  readonly layer?: () => Promise<LayerRecord | undefined>;
}

/** The image after a step. */
export async function takeStep(session: Session, image: StageImage, step: PreparedStep): Promise<StageImage> {
  const key = stepKey(image, step.key);
  const known = session.request.noCache ? undefined : findKnown(session, image, { step, key });
  if (known !== undefined) await session.progress.text(USING_CACHE);
  session.said.push(USING_CACHE);
  const next = known ?? (await makeStep(session, image, { step, key }));
  await say(session, ` ---> ${shortDigest(next.id)}\n`);
  return next;
}

interface KeyedStep {
  readonly step: PreparedStep;
  readonly key: string;
}

async function makeStep(session: Session, image: StageImage, { step, key }: KeyedStep): Promise<StageImage> {
  const layer = await step.layer?.();
  if (layer !== undefined) session.held.push(layer.chain);
  const next = grow(image, { ...step, layer }, new Date().toISOString());
  session.fresh.push({ key, image: next });
  return next;
}

function findKnown(session: Session, image: StageImage, { step, key }: KeyedStep): StageImage | undefined {
  const cached = session.deps.cache.find(key);
  // rows and layers go together; one without the other is a hand's work
  if (cached?.chains.every((chain) => image.chains.includes(chain) || isHere(session, chain)) === true) {
    session.hits.push(key);
    if (cached.chains.length > image.chains.length) hold(session, cached);
    return cached;
  }
  const elsewhere = sameStepElsewhere(session, image, step);
  if (elsewhere === undefined) return undefined;
  session.fresh.push({ key, image: elsewhere });
  hold(session, elsewhere);
  return elsewhere;
}

function isHere({ deps: { store } }: Session, chain: string): boolean {
  return store.records.layer(chain) !== undefined || store.pending.has(chain);
}
