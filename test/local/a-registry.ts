import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ARegistry {
  /** `127.0.0.1:PORT`; no credentials, plain HTTP. */
  readonly address: string;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/** A real OCI registry (Debian's docker-registry) with nothing in it. */
export async function aRegistry(): Promise<ARegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-registry-'));
  const address = `127.0.0.1:${await freePort()}`;
  const settings = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'images') }, delete: { enabled: true } },
    http: { addr: address },
  };
  // YAML reads JSON.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(settings));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.on('error', (error) => {
    said += `${error.message}: install docker-registry`;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (const began = Date.now(); ; ) {
    if (
      await fetch(`http://${address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { address, stop };
    if (child.exitCode !== null || child.pid === undefined || Date.now() - began > START_LIMIT_MS) {
      await stop();
      throw new Error(`docker-registry does not answer: ${said}`);
    }
    await delay(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
