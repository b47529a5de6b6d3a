// vitest's global set-up: installs the local AWS once, and starts one server per worker when that worker first asks.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { localPython } from '../src/local/python.ts';
import { type LocalAws, startLocalAws } from '../src/local/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    labBroker: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await localPython({ onProgress: (message) => console.error(message) });
  const labs = new Map<string, Promise<LocalAws>>();
  const start = (worker: string) => {
    const lab = labs.get(worker) ?? startLocalAws();
    labs.set(worker, lab);
    return lab;
  };
  const broker = createServer((request, response) => {
    start(request.url ?? '').then(
      ({ endpoint, site, api }) => response.end(JSON.stringify({ endpoint, site, api })),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((listening) => broker.listen(0, '127.0.0.1', listening));
  project.provide('labBroker', `http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
  return async () => {
    broker.close();
    await Promise.allSettled([...labs.values()].map(async (lab) => (await lab).stop()));
  };
}
