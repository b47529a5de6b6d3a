import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  /** What it exited with; null when it was killed. */
  readonly exit: number | null;
  readonly said: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves when it has said this, or has ended. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Milliseconds after which a command hangs. */
const LONGEST = 240_000;

/** A folder with a config file, in which the built `tap` is run as a process against one AWS. */
export async function project(program: string, endpoint: string, config: object) {
  const folder = await mkdtemp(join(tmpdir(), 'tap-sweep-'));
  const write = (next: object): Promise<void> => writeFile(join(folder, 'tap.config.json'), JSON.stringify(next));
  await write(config);
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const start = (args: readonly string[], input = '', more: NodeJS.ProcessEnv = {}): Running => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...env, ...more } });
    let said = '';
    const listeners = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        said += data;
        for (const listen of listeners) listen();
      });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const tooLong = setTimeout(() => child.kill('SIGKILL'), LONGEST);
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (exit) => {
        clearTimeout(tooLong);
        resolve({ exit, said });
      }),
    );
    const says = (text: string): Promise<void> =>
      new Promise((resolve) => {
        listeners.add(() => said.includes(text) && resolve());
        void ended.then(() => resolve());
      });
    return { ended, says, signal: (name) => void child.kill(name) };
  };
  return { folder, write, start, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Builds `tap` into a folder of its own. */
export async function build(folder: string): Promise<void> {
  const child = spawn(process.execPath, ['scripts/build.js', folder], { stdio: 'inherit' });
  const exit = await new Promise((resolve) => child.once('close', resolve));
  if (exit !== 0) throw new Error(`scripts/build.js ended with ${exit}`);
}
