// Two tiers: `fast` is everything but *.full.test.ts; `full` is everything. Tests that touch the kernel share a machine,
// hence files run one after the other where they use namespaces, and side by side where they only compute.
import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';

const full = process.env['GANTRY_TIER'] === 'full';
const exclude = full ? [] : ['**/*.full.test.ts'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    reporters: ['default'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: ['test/{unit,property,architecture}/**/*.test.ts'], exclude },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/{native,contract,scenario}/**/*.test.ts'],
          exclude,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
