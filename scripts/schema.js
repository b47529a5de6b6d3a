// Writes schema/tap.schema.json from the config's zod schema. `node scripts/schema.js`
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: [new URL('../src/config/json-schema.ts', import.meta.url).pathname],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { renderJsonSchema } = await import(`data:text/javascript;base64,${code}`);
await writeFile(new URL('../schema/tap.schema.json', import.meta.url), renderJsonSchema());
