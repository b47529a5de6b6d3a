import { stderr, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Io } from './io.ts';
import { main } from './main.ts';

// The SDK warns on stderr about Node 20's end of support; that is no news for the user of a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const interrupted = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    signals += 1;
    if (signals > 1) process.exit(130);
    stderr.write('\nStopping: no new calls; waiting for those under way. Again to stop at once.\n');
    interrupted.abort();
  });
// A reader that went away (`tap plan | head`) is no error.
stdout.on('error', () => process.exit(0));

const io: Io = {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  interactive: Boolean(stdin.isTTY && stdout.isTTY && stderr.isTTY) && process.env.CI === undefined,
  color: Boolean(stdout.isTTY) && process.env.NO_COLOR === undefined,
  env: process.env,
  signal: interrupted.signal,
  ask: async (question, { hidden = false } = {}) => {
    stderr.write(question);
    const quiet = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: stdin, output: hidden ? quiet : stderr, terminal: true });
    try {
      return await lines.question('', { signal: interrupted.signal });
    } finally {
      lines.close();
      if (hidden) stderr.write('\n');
    }
  },
  stdin: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
};

process.exitCode = await main(process.argv.slice(2), io);
// Sockets kept alive for the next call are no reason to stay.
process.on('beforeExit', () => process.exit());
