// Bundles the command line and the daemon, one file each. CommonJS, because `import` of node:http loads everything that
// module re-exports (30 ms at every start), and `require` does not.
import { build, type BuildOptions } from 'esbuild';

const options: BuildOptions = {
  entryPoints: { start: 'src/cli/start.ts', cli: 'src/cli/main.ts', engine: 'src/engine/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  logLevel: 'warning',
};

await build(options);
