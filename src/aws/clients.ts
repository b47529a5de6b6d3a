import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { getSmithyContext } from '@smithy/core/transport';
import { takePurpose } from '../engine/purpose.ts';
import { describe } from './errors.ts';
import { before, isSilent, LIMITS, type Limits, timedOut, tooLong } from './limits.ts';

/** One call, for tracing, from its beginning on; how it ended is added when it has. Milliseconds of `performance.now()`. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly start: number;
  /** The node that it is made for, or the nodes or the kind, where that is kept: see engine/purpose.ts. */
  readonly of?: string;
  /** Milliseconds that the work which makes it had waited for its turn. */
  readonly queued?: number;
  end?: number;
  attempts: number;
  /** AWS's code. */
  error?: string;
}

export interface ClientOptions {
  readonly region: string;
  /** True while only reads are allowed: anything else throws before it is sent. */
  readonly readonly: () => boolean;
  /** Told of each call when it begins. */
  readonly onCall?: (call: Call) => void;
  /** Told of each call when it has ended; what it throws is thrown in the place of the answer. */
  readonly onEnd?: (call: Call) => void;
  readonly limits?: Limits;
}

const beginnings = new WeakMap<object, (service: string, operation: string) => Call>();

/** For a call that is sent past the client's own `send`, over its connections: whoever makes it sets `end`. */
export const beginCall = (client: object, service: string, operation: string): Call | undefined =>
  beginnings.get(client)?.(service, operation);

/** Gives the one client of a service and region. */
export type Clients = <C>(client: new (config: never) => C, region?: string) => C;

const READ = /^(Describe|Get|List|Head|Lookup|Simulate|BatchGet|Filter|StartLiveTail)/;
const CREATE = /^(Create|Allocate|Request|Run|Register)/;

/** True for operations that change nothing, by AWS's naming convention. */
export const isRead = (operation: string): boolean => READ.test(operation);

/** Calls that are not sent again like all others. */
type Special = 'create' | 'upload';

/** Attempts at an upload that nothing came of: what is sent has no other limit than silence. */
const SILENT_UPLOADS = 2;

/**
 * The SDK's standard retries, but a create is sent again only when AWS has said that it did nothing (throttling):
 * with the default, a lost answer to CreateVpc makes two VPCs and reports success.
 * The retry middleware hands `partition_id` of the call's context to the strategy; it is the only per-call channel.
 */
class RetryStrategy extends StandardRetryStrategy {
  readonly #special = new WeakMap<object, Special>();

  override async acquireInitialRetryToken(scope: string) {
    const token = await super.acquireInitialRetryToken(scope);
    for (const special of ['create', 'upload'] as const)
      if (scope.startsWith(special)) this.#special.set(token, special);
    return token;
  }

  override async refreshRetryTokenForRetry(
    ...[token, error]: Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>
  ) {
    const special = this.#special.get(token);
    if (special === 'create' && error.errorType !== 'THROTTLING')
      throw new Error('an ambiguous create is not repeated');
    if (special === 'upload' && isSilent(error.error) && token.getRetryCount() + 1 >= SILENT_UPLOADS)
      throw new Error('nothing comes of it');
    const next = await super.refreshRetryTokenForRetry(token, error);
    if (special) this.#special.set(next, special);
    return next;
  }
}

/** Of a call that sends a file: how long it takes is a matter of the line, and only silence ends it. */
export const UPLOAD = { requestTimeout: 0 };

interface Options {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
}

/** What the SDK notes down about a call, as far as it is used here. */
interface Notes {
  readonly commandInstance?: object;
  readonly abortSignal?: AbortSignal;
  /** There once the credentials have come. */
  readonly selectedHttpAuthScheme?: object;
}

interface Client {
  send(command: object, options?: Options): Promise<unknown>;
  readonly middlewareStack: {
    remove(name: string): boolean;
    add(
      middleware: (
        next: (args: unknown) => Promise<{ output: { $metadata?: { attempts?: number } } }>,
        context: Record<string, unknown>,
      ) => (args: unknown) => Promise<unknown>,
      options: { step: 'initialize'; name: string; priority: 'high' },
    ): void;
  };
}

const LATE = Symbol('the call has taken too long');
/** What ends a command that has been sent, attempts under way and pauses included; null for an upload. */
const enders = new WeakMap<object, AbortController | null>();

/** Makes every call of the client one that can be ended: the SDK takes a signal only from whoever calls `send`. */
function endable(client: Client): void {
  const send = client.send.bind(client);
  client.send = (command, options = {}) => {
    const ender = options.requestTimeout === UPLOAD.requestTimeout ? null : new AbortController();
    enders.set(command, ender);
    const signals = [ender?.signal, options.abortSignal].filter((signal) => signal !== undefined);
    return send(command, { ...options, abortSignal: AbortSignal.any(signals) });
  };
}

/** One lazily made client per service and region, all with the same limits, retries and connection pool. */
export function clients({ region, readonly, onCall, onEnd, limits = LIMITS }: ClientOptions): Clients {
  const made = new Map<string, unknown>();
  const pool = { keepAlive: true, maxSockets: 50 };
  const httpAgent = new HttpAgent(pool);
  const httpsAgent = new HttpsAgent(pool);
  // A loopback or private endpoint has no DNS names for buckets, nor for the prefixes of some calls.
  const forcePathStyle = process.env.AWS_ENDPOINT_URL !== undefined || process.env.AWS_ENDPOINT_URL_S3 !== undefined;
  const begin = (service: string, operation: string): Call => {
    const call: Call = { service, operation, start: performance.now(), ...takePurpose(), attempts: 1 };
    onCall?.(call);
    return call;
  };

  return <C>(Client: new (config: never) => C, inRegion = region): C => {
    const key = `${Client.name}@${inRegion}`;
    const existing = made.get(key);
    if (existing !== undefined) return existing as C;
    const client = new Client({
      region: inRegion,
      forcePathStyle,
      disableHostPrefix: forcePathStyle,
      followRegionRedirects: true,
      retryStrategy: new RetryStrategy(limits.attempts),
      requestHandler: {
        httpAgent,
        httpsAgent,
        connectionTimeout: limits.connection,
        // Without throwOnRequestTimeout a hung call is only logged.
        requestTimeout: limits.request,
        throwOnRequestTimeout: true,
        // An answer that begins and never ends is not a matter of requestTimeout.
        socketTimeout: limits.idle,
      },
    } as never);
    const { middlewareStack } = client as Client;
    endable(client as Client);
    // It words for a log that there is none of what each call has asked and been answered.
    middlewareStack.remove('loggerMiddleware');
    middlewareStack.add(
      (next, context) => async (args) => {
        const operation = String(context.commandName).replace(/Command$/, '');
        const service = String(context.clientName).replace(/Client$/, '');
        if (readonly() && !isRead(operation)) throw new Error(`${service} ${operation} would change AWS during a read`);
        const notes: Notes = getSmithyContext(context);
        if (CREATE.test(operation)) context.partition_id = 'create';
        const ender = enders.get(notes.commandInstance ?? {});
        if (ender === null) context.partition_id = 'upload';
        const call = begin(service, operation);
        const { total } = limits;
        const timer = setTimeout(() => ender?.abort(LATE), total);
        const late = (reason: unknown): unknown =>
          reason === LATE ? tooLong(total, notes.selectedHttpAuthScheme !== undefined) : reason;
        try {
          const result = await before(next(args), notes.abortSignal, late);
          call.attempts = result.output.$metadata?.attempts ?? 1;
          return result;
        } catch (error) {
          const { code, attempts } = describe(error);
          Object.assign(call, { error: code, attempts });
          if (error instanceof Error) {
            Object.assign(error, { call: `${service} ${operation}` });
            timedOut(error, limits);
          }
          throw error;
        } finally {
          clearTimeout(timer);
          call.end = performance.now();
          onEnd?.(call);
        }
      },
      { step: 'initialize', name: 'tap', priority: 'high' },
    );
    made.set(key, client);
    beginnings.set(client as object, begin);
    return client;
  };
}
