// Bundles the command line into dist/, or the folder that is named: ESM, one chunk per AWS client, loaded when first used.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundledPackages, notices } from './notices.js';

/** Loading it takes as long as all of `tap --help` else; commander would start subcommands with it, of which there are none. */
const noChildren = {
  name: 'no-children',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /node_modules\/commander\//.test(importer) ? { path: 'child_process', namespace: 'none' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: '' }));
  },
};

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { tap: 'src/tap.ts' },
  outdir,
  bundle: true,
  metafile: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // The SDK's ES modules load twice as fast as its CommonJS ones.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [noChildren],
  chunkNames: 'chunks/[name]-[hash]',
  banner: {
    // A few CommonJS packages call require.
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
// The shebang belongs on the entry alone.
const entry = `${outdir}/tap.js`;
await writeFile(entry, `#!/usr/bin/env node\n${await readFile(entry, 'utf8')}`);
await chmod(entry, 0o755);
// What is in which chunk, for those who want to know what makes a start slow.
await writeFile(`${outdir}/meta.json`, JSON.stringify(metafile));
await writeFile(`${outdir}/THIRD-PARTY.txt`, notices(bundledPackages(metafile)));
