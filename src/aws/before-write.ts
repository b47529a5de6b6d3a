import { type Clients, isRead } from './clients.ts';

type Middleware = (
  next: (args: { input: object }) => Promise<unknown>,
  context: Record<string, unknown>,
) => (args: { input: object }) => Promise<unknown>;

interface Stack {
  add(middleware: Middleware, options: { step: 'finalizeRequest'; priority: 'low'; name: string }): void;
}

const waits = new WeakMap<object, () => Promise<void>>();

/**
 * The same clients, which wait before each attempt at a call that is not a read.
 * @param wait what it throws is thrown in the place of AWS's answer
 */
export function beforeWrite(aws: Clients, wait: (input: object) => Promise<void> | undefined): Clients {
  return (Client, region) => {
    const client = aws(Client, region);
    if (waits.has(client as object)) return client;
    waits.set(client as object, async () => wait({}));
    (client as { middlewareStack: Stack }).middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (!isRead(String(commandName))) await wait(args.input);
          return next(args);
        },
      // Last in the step that begins with the SDK's retries.
      { step: 'finalizeRequest', priority: 'low', name: 'beforeWrite' },
    );
    return client;
  };
}

/** For a call that is sent past the client's own `send`. */
export const mayWrite = (client: object): Promise<void> | undefined => waits.get(client)?.();
