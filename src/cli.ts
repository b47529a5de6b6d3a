import type { Io } from './io.ts';
import { main } from './main.ts';

// The SDK warns on stderr about Node 20's end of support; that is no news for the user of a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// Not imported from node:process: that opens all three at once, and standard input is rarely needed.
const { stdout, stderr } = process;

const interrupted = new AbortController();
const unread = new AbortController();
/** Programs that have the terminal: the terminal sends Ctrl-C to them as well, and it is theirs to answer. */
let guests = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (signal === 'SIGINT' && guests > 0) return;
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  });
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away (`tap plan | head`) is no error, and no reason to leave work half done.
    if (error.code === 'EPIPE' || error.code === 'EIO') {
      if (stream === stdout) unread.abort();
      return;
    }
    process.exitCode = 1;
    if (stream === stdout) stderr.write(`the output cannot be written: ${error.message}\n`);
  });

/** Set, and not to nothing or `false`. */
const isSet = (name: string): boolean => !['', 'false', undefined].includes(process.env[name]);

const io: Io = {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  interactive: Boolean(stdout.isTTY && stderr.isTTY && process.stdin.isTTY) && !isSet('CI'),
  columns: stdout.isTTY ? stdout.columns : undefined,
  color: Boolean(stdout.isTTY) && !process.env.NO_COLOR,
  env: process.env,
  signal: interrupted.signal,
  unread: unread.signal,
  ask: async (question, { hidden = false } = {}) => {
    const [{ createInterface }, { Writable }] = await Promise.all([
      import('node:readline/promises'),
      import('node:stream'),
    ]);
    const quiet = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output: hidden ? quiet : stderr, terminal: true });
    // While it reads the terminal, readline takes Ctrl-C for itself.
    // Only now does the terminal no longer echo what is typed.
    if (hidden) stderr.write(question);
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const end = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    try {
      return await Promise.race([lines.question(hidden ? '' : question, { signal: interrupted.signal }), end]);
    } finally {
      lines.close();
      if (hidden) stderr.write('\n');
    }
  },
  stdin: async () => {
    const { stdin } = process;
    if (stdin.isTTY) return '';
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stdin) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      // More than any secret may have; /dev/zero has no end.
      if (size > 1_000_000) break;
    }
    return Buffer.concat(chunks).toString('utf8');
  },
  attach: async (program, args, options) => {
    guests += 1;
    try {
      const { attached } = await import('./attached.ts');
      return await attached(program, args, options, interrupted.signal);
    } finally {
      guests -= 1;
    }
  },
};

async function run(): Promise<never> {
  const exit = await main(process.argv.slice(2), io);
  await Promise.all([stdout, stderr].map((stream) => new Promise((written) => stream.write('', written))));
  // Calls that were interrupted, and sockets kept alive for the next one, are no reason to stay.
  process.exit(exit || process.exitCode);
}
void run();
