import { type ChildProcess, spawn } from 'node:child_process';
import type { Run } from './tap.ts';

export interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
  /** Resolves when stdout and stderr together have said this. */
  says(text: string | RegExp): Promise<void>;
}

/** @param env beside that of this process; undefined: not set */
export function start([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}): Process {
  const child = spawn(command, args, { env: { ...process.env, CI: undefined, ...env } });
  let [out, err] = ['', ''];
  const waiting = new Set<() => void>();
  child.stdout.on('data', (data: Buffer) => {
    out += data;
    for (const look of waiting) look();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data;
    for (const look of waiting) look();
  });
  const ended = new Promise<Run>((resolve) =>
    child.once('close', (code, signal) => resolve({ exit: code ?? -1, out, err: signal ? `${err}${signal}` : err })),
  );
  return {
    child,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (typeof text === 'string' ? !(out + err).includes(text) : !text.test(out + err)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        void ended.then(() => reject(new Error(`it ended without saying ${text}:\n${out}\n${err}`)));
        look();
      }),
  };
}
