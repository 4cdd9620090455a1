// Two tiers: `fast` is everything but *.full.test.ts; `full` is everything, and `rest` what it has beyond fast. Tests that touch the kernel share a machine,
// hence files run one after the other where they use namespaces, and side by side where they only compute.
import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';

const tier = process.env['GANTRY_TIER'];
const exclude = tier === 'full' || tier === 'rest' ? [] : ['**/*.full.test.ts'];
const ending = tier === 'rest' ? '.full.test.ts' : '.test.ts';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    reporters: ['default'],
    globalSetup: 'test/support/run-folder.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: [`test/{unit,property,architecture}/**/*${ending}`], exclude },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: [`test/{native,contract,scenario}/**/*${ending}`],
          exclude,
          fileParallelism: false,
          // CI shares its machine with others: there a test that fails is tried once more, which the report shows
          retry: Number(process.env['GANTRY_RETRY'] ?? 0),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
