// What the bundle owes the packages that are in it: their licences, which it does not have in its own text.
// `node scripts/notices.js dist/meta.json` prints the packages as JSON.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

/**
 * The packages of which something is in the bundle.
 * @param metafile esbuild's
 * @returns {{ name: string, version: string, licence: string, engine?: string, texts: string[] }[]} by name and version
 */
export function bundledPackages({ outputs }) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (folder && bytesInOutput > 0) folders.add(folder);
    }
  const packages = [...folders].map((folder) => {
    const { name, version, license, engines } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name, version, licence: license ?? 'unknown', engine: engines?.node, texts: textsIn(folder) };
  });
  const key = ({ name, version }) => `${name}@${version}`;
  // One that is installed in two places is one.
  return [...new Map(packages.map((one) => [key(one), one])).values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Licence and notice (Apache-2.0, section 4d), as the package has them. */
const textsIn = (folder) =>
  readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)([.-].*)?$/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());

/** The file that goes with the bundle. Packages with the same text share it. */
export function notices(packages) {
  const byText = new Map();
  for (const { name, version, licence, texts } of packages) {
    const text = texts.join('\n\n') || `Licence: ${licence}`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const rule = '-'.repeat(80);
  const parts = [...byText].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`);
  return `tap contains parts of the packages below, under their licences.\n\n${parts.join('\n')}`;
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href)
  process.stdout.write(`${JSON.stringify(bundledPackages(JSON.parse(readFileSync(argv[2], 'utf8'))))}\n`);
