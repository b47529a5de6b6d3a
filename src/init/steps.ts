import pack from '../../package.json' with { type: 'json' };
import { ACTIONS } from './actions.ts';
import type { Backend, Site } from './found.ts';

/** One step of a job as YAML, not indented. */
export type Step = string;

export const indent = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by));
const lines = (...texts: readonly (string | false | undefined)[]): Step => texts.filter(Boolean).join('\n');

/** The value of `steps:`, indented for a job. */
export const stepList = (...steps: readonly (Step | false)[]): string =>
  steps
    .filter((step) => step !== false)
    .map((step) => indent(step, 6))
    .join('\n');

export const runs = (command: string): Step => `- run: ${command}`;

/** @param history all of it, which tells what is newer */
export const checkout = ({ history = false } = {}): Step =>
  lines(
    `- uses: ${ACTIONS.checkout}`,
    '  with:',
    history && '    fetch-depth: 0 # tap refuses to replace a newer commit',
    '    persist-credentials: false',
  );

/** What `npx` comes with. */
export const node: Step = lines(`- uses: ${ACTIONS.setupNode}`, '  with:', '    node-version: 24');

/** This version of tap: what a workflow does changes only with the workflow. @param file the config's */
export const tap = (command: string, file: string): string =>
  `npx --yes tap-aws@${pack.version} ${command}${file === 'tap.config.json' ? '' : ` --config ${/^[\w.-]+$/.test(file) ? file : `'${file}'`}`}`;

/** @param account its id, or an expression that gives it */
export const credentials = (role: string, account: string, region: string): Step =>
  lines(
    `- uses: ${ACTIONS.awsCredentials}`,
    '  with:',
    `    role-to-assume: arn:aws:iam::${account}:role/${role}`,
    `    aws-region: ${region}`,
  );

/** Python, the dependencies, and what checks the code. */
export function backendSteps(backend: Backend, folder: string): Step[] {
  const { tool, locked, checks, python = '3.13' } = backend;
  const setupPython = lines(`- uses: ${ACTIONS.setupPython}`, '  with:', `    python-version: '${python}'`);
  const commands = [
    ...(checks.includes('ruff') ? ['ruff check', 'ruff format --check'] : []),
    ...(checks.includes('pytest') ? ['pytest'] : []),
  ];
  if (tool === 'uv')
    return [
      lines(
        `- uses: ${ACTIONS.setupUv}`,
        '  with:',
        backend.python && `    python-version: '${backend.python}'`,
        `    working-directory: ${folder}`,
      ),
      runs(`uv sync${locked ? ' --locked' : ''}`),
      ...commands.map((command) => runs(`uv run ${command}`)),
    ];
  if (tool === 'poetry')
    return [
      setupPython,
      runs(`pipx install poetry${backend.poetry ? `==${backend.poetry}` : ''}`),
      runs('poetry install --no-interaction'),
      ...commands.map((command) => runs(`poetry run ${command}`)),
    ];
  return [
    setupPython,
    runs(['pip install', ...backend.requirements.map((file) => `-r ${file}`)].join(' ')),
    ...commands.map(runs),
  ];
}

/** The tool that builds the site, and its dependencies. */
export function siteSteps({ tool, locked, classic }: Site): Step[] {
  const install = {
    bun: `bun install${locked ? ' --frozen-lockfile' : ''}`,
    npm: locked ? 'npm ci' : 'npm install',
    pnpm: `pnpm install${locked ? ' --frozen-lockfile' : ''}`,
    yarn: `yarn install${locked ? (classic ? ' --frozen-lockfile' : ' --immutable') : ''}`,
  }[tool];
  if (tool === 'bun') return [`- uses: ${ACTIONS.setupBun}`, runs(install)];
  // Corepack, which comes with this Node.js, gets the version that package.json names.
  return [node, ...(tool === 'npm' ? [] : [runs('corepack enable')]), runs(install)];
}
