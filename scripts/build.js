// Bundles the command line into dist/: ESM, one chunk per AWS client, loaded when first used.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: { tap: 'src/cli.ts' },
  outdir: 'dist',
  bundle: true,
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
  chunkNames: 'chunks/[name]-[hash]',
  banner: {
    // A few CommonJS packages call require.
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
// The shebang belongs on the entry alone.
await writeFile('dist/tap.js', `#!/usr/bin/env node\n${await readFile('dist/tap.js', 'utf8')}`, { mode: 0o755 });
