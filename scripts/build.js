// Bundles the command line into dist/, or the folder that is named:
//
//   tap.cjs      the executable: turns the compile cache on, then loads cli.cjs
//   cli.cjs      the command line without its commands: all that `tap --help` takes
//   chunks/      the commands and what they share, with one chunk per AWS client, loaded when first used
//
// The first two are CommonJS: node has it loaded before a loader for ES modules is set up, a tenth of `tap --help`.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
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

/** Leaves what is loaded later out of a bundle. @param place where the source will be, seen from the bundle */
const later = (place) => ({
  name: 'later',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import'
        ? { path: place(relative('src', resolve(resolveDir, path))), external: true }
        : undefined,
    );
  },
});

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, { recursive: true, force: true });
const common = {
  outdir,
  bundle: true,
  metafile: true,
  platform: 'node',
  target: 'node20',
  // The SDK's ES modules load twice as fast as its CommonJS ones.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
};
const commonjs = { ...common, format: 'cjs', outExtension: { '.js': '.cjs' } };

const executable = await build({
  ...commonjs,
  entryPoints: ['src/tap.ts'],
  plugins: [later(() => './cli.cjs')],
  // What is imported is CommonJS as well: `import` would set up the loader that this does without.
  supported: { 'dynamic-import': false },
  banner: { js: '#!/usr/bin/env node' },
});
await chmod(`${outdir}/tap.cjs`, 0o755);

/** Names of chunks, and their sources. */
const commands = {};
const commandLine = await build({
  ...commonjs,
  entryPoints: ['src/cli.ts'],
  plugins: [
    noChildren,
    later((source) => {
      const name = source.replace(/\.ts$/, '').replaceAll('/', '-');
      commands[name] = `src/${source}`;
      return `./chunks/${name}.js`;
    }),
  ],
});

const rest = await build({
  ...common,
  entryPoints: commands,
  entryNames: 'chunks/[name]',
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  splitting: true,
  plugins: [unusedShapes],
  banner: {
    // A few CommonJS packages call require.
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});

// What is in which chunk, for those who want to know what makes a start slow.
const all = [executable, commandLine, rest].map(({ metafile }) => metafile);
const metafile = {
  inputs: Object.assign({}, ...all.map(({ inputs }) => inputs)),
  outputs: Object.assign({}, ...all.map(({ outputs }) => outputs)),
};
await writeFile(`${outdir}/meta.json`, JSON.stringify(metafile));
await writeFile(`${outdir}/THIRD-PARTY.txt`, notices(bundledPackages(metafile)));
