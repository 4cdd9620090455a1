// `--cache-from`: steps found in the history of images that are here. A step counts when the image went the same way so
// far (same history, same layers) and its next step reads the same.
import type { ImageConfig } from '../images/config.ts';
import { lookUp } from '../images/find.ts';
import type { LayerRecord } from '../images/records.ts';
import type { Session } from './session.ts';
import { grow } from './stage-image.ts';
import type { PreparedStep } from './step.ts';
import type { StageImage } from './types.ts';

/** The image after a step, as one of the given images had it. */
export function sameStepElsewhere(session: Session, image: StageImage, step: PreparedStep): StageImage | undefined {
  const { records } = session.deps.store;
  for (const name of session.request.cacheFrom) {
    const found = lookUp(records, name);
    const config = found === undefined ? undefined : records.config(found.image);
    const entry = config === undefined ? undefined : nextEntry(image.config, config);
    if (entry?.created_by !== step.createdBy) continue;
    const chain = entry.empty_layer === true ? undefined : found?.image.chains[image.chains.length];
    const layer: LayerRecord | undefined = chain === undefined ? undefined : records.layer(chain);
    if (entry.empty_layer === true || layer !== undefined)
      return grow(image, { ...step, layer }, entry.created ?? new Date().toISOString());
  }
  return undefined;
}

/** What the candidate did next, when it began with all of the image. */
function nextEntry(
  image: ImageConfig,
  candidate: ImageConfig,
): NonNullable<ImageConfig['history']>[number] | undefined {
  const before = image.history ?? [];
  const steps = candidate.history ?? [];
  const isPrefix =
    before.every((step, index) => JSON.stringify(step) === JSON.stringify(steps[index])) &&
    image.rootfs.diff_ids.every((id, index) => id === candidate.rootfs.diff_ids[index]);
  return isPrefix ? steps[before.length] : undefined;
}
