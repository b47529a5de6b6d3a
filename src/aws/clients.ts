import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { takePurpose } from '../engine/purpose.ts';
import { describe } from './errors.ts';

/** One call, for tracing, from its beginning on; how it ended is added when it has. Milliseconds of `performance.now()`. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly start: number;
  /** The node that it is made for, or the nodes or the kind, see engine/purpose.ts. */
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
  readonly timeouts?: Timeouts;
}

/** Milliseconds until a connection is there, until an answer begins, and without a byte of it. */
export interface Timeouts {
  readonly connection: number;
  readonly request: number;
  readonly idle: number;
}
const TIMEOUTS: Timeouts = { connection: 5_000, request: 15_000, idle: 20_000 };

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

/**
 * The SDK's standard retries, but a create is sent again only when AWS has said that it did nothing (throttling):
 * with the default, a lost answer to CreateVpc makes two VPCs and reports success.
 * The retry middleware hands `partition_id` of the call's context to the strategy; it is the only per-call channel.
 */
class RetryStrategy extends StandardRetryStrategy {
  readonly #creates = new WeakSet<object>();

  override async acquireInitialRetryToken(scope: string) {
    const token = await super.acquireInitialRetryToken(scope);
    if (scope.startsWith('create')) this.#creates.add(token);
    return token;
  }

  override async refreshRetryTokenForRetry(
    ...[token, error]: Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>
  ) {
    const create = this.#creates.has(token);
    if (create && error.errorType !== 'THROTTLING') throw new Error('an ambiguous create is not repeated');
    const next = await super.refreshRetryTokenForRetry(token, error);
    if (create) this.#creates.add(next);
    return next;
  }
}

interface Middleware {
  add(
    middleware: (
      next: (args: unknown) => Promise<{ output: { $metadata?: { attempts?: number } } }>,
      context: Record<string, unknown>,
    ) => (args: unknown) => Promise<unknown>,
    options: { step: 'initialize'; name: string; priority: 'high' },
  ): void;
}

/** One lazily made client per service and region, all with the same time-outs, retries and connection pool. */
export function clients({ region, readonly, onCall, onEnd, timeouts = TIMEOUTS }: ClientOptions): Clients {
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
      retryStrategy: new RetryStrategy(4),
      requestHandler: {
        httpAgent,
        httpsAgent,
        connectionTimeout: timeouts.connection,
        // Without throwOnRequestTimeout a hung call is only logged.
        requestTimeout: timeouts.request,
        throwOnRequestTimeout: true,
        // An answer that begins and never ends is not a matter of requestTimeout.
        socketTimeout: timeouts.idle,
      },
    } as never);
    (client as { middlewareStack: Middleware }).middlewareStack.add(
      (next, context) => async (args) => {
        const operation = String(context.commandName).replace(/Command$/, '');
        const service = String(context.clientName).replace(/Client$/, '');
        if (readonly() && !isRead(operation)) throw new Error(`${service} ${operation} would change AWS during a read`);
        if (CREATE.test(operation)) context.partition_id = 'create';
        const call = begin(service, operation);
        try {
          const result = await next(args);
          call.attempts = result.output.$metadata?.attempts ?? 1;
          return result;
        } catch (error) {
          const { code, attempts } = describe(error);
          Object.assign(call, { error: code, attempts });
          if (error instanceof Error) Object.assign(error, { call: `${service} ${operation}` });
          throw error;
        } finally {
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
