// Bundles the command line and the daemon, one file each but for large packages. CommonJS, because `import` of node:http
// loads everything that module re-exports (30 ms at every start), and `require` does not.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const options: BuildOptions = {
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
};
const url = { 'import.meta.url': 'importMetaUrl' };
const urlOf = (file: string): string => `const importMetaUrl = require("node:url").pathToFileURL(${file}).href;`;

await build({
  ...options,
  entryPoints: { engine: 'src/engine/main.ts' },
  define: url,
  banner: { js: urlOf('__filename') },
});
/** Large packages that few verbs need are files of their own: what is in the bundle costs time at every start. */
const APART = ['execa', 'chokidar', 'tar-stream', 'yaml'];
const apart: Plugin = {
  name: 'apart',
  setup: (bundling) => {
    bundling.onResolve({ filter: new RegExp(`^(?:${APART.join('|')})$`) }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./lib/${path}.cjs`, external: true },
    );
  },
};
await build({
  ...options,
  entryPoints: Object.fromEntries(APART.map((name) => [`lib/${name}`, name])),
});
// start.cjs calls it as a function
await build({
  ...options,
  entryPoints: { cli: 'src/cli/main.ts' },
  plugins: [apart],
  // scripts made by node:vm have no import()
  supported: { 'dynamic-import': false },
  define: url,
  banner: { js: `(function (require, file) {${urlOf('file')}` },
  footer: { js: '})' },
});
const id = createHash('sha256')
  .update(await readFile('dist/cli.cjs'))
  .digest('hex')
  .slice(0, 16);
await build({
  ...options,
  entryPoints: { start: 'src/cli/start.ts' },
  define: { BUNDLE_ID: JSON.stringify(id) },
});
