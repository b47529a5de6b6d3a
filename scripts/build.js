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

/**
 * Each client has one file with the shapes of all of its API, as lists that esbuild takes to have effects (computed keys).
 * Marked as pure, what nothing asks for falls away: the rest of EC2's 700 operations alone costs each
 * plan a tenth of a second.
 */
const unusedShapes = {
  name: 'unused-shapes',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk[/\\]client-[^/\\]+[/\\]dist-es[/\\]schemas[/\\]schemas_0\.js$/ }, async ({ path }) => {
      const statements = (await readFile(path, 'utf8')).split(/\n(?=[a-z_])/i);
      const pure = statements.map((statement) =>
        statement.replace(/^((?:export )?var [\w$]+ = )(\[.*\]);\s*$/s, '$1/* @__PURE__ */ (() => $2)();'),
      );
      return { contents: pure.join('\n') };
    });
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
  plugins: [noChildren, unusedShapes],
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
