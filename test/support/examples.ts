// The examples' images for a stage. Packages come from the real network, hence the script runs outside the stage's
// namespace; it reaches the stage's engine by the socket's path.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecked } from '../../src/base/process.ts';
import { GANTRY, type Stage } from './stage.ts';

/** The folder of the examples. */
export const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

/** Builds the images of an example and imports them into the stage's engine. */
export async function buildExampleImages(stage: Stage, example: string): Promise<void> {
  await stage.ok(['image', 'ls']); // starts the engine inside the stage's namespace
  await runChecked('bash', [join(EXAMPLES, example, 'build-images.sh')], { env: { ...stage.env, GANTRY } });
}
