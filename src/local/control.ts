/** What goes wrong, and with which call. Everything left out matches; `nth` counts matching calls from 1. */
export interface Fault {
  /** As in the SDK's and the CLI's names: `ec2`, `elbv2`, `cognito-idp`. */
  service?: string;
  /** As in the API: `CreateVpc`. */
  action?: string;
  /** Only calls that change something, or only those that do not. */
  mutating?: boolean;
  /** Only the first n attempts at each call, as the SDK counts them. */
  attempts?: number;
  /** The first matching call that is affected; default 1. */
  nth?: number;
  /** How many matching calls from the nth on; default 1, 0 for all. */
  times?: number;
  /**
   * `throttle` 400/429-like error the SDK retries · `500`, `503` · `denied` · `expired` credentials ·
   * `error` with code, message, status ·
   * `cut` the connection is closed without an answer · `truncate` half of the answer · `hang` no answer until
   * the client gives up or reset · `slow` from this call on all take `delayMs` longer ·
   * `stale` the next `reads` reads of the service show what was before this call.
   */
  kind: 'throttle' | '500' | '503' | 'denied' | 'expired' | 'error' | 'cut' | 'truncate' | 'hang' | 'slow' | 'stale';
  /** `before` (default): AWS did nothing. `after`: AWS did it, and the answer is what went wrong. */
  when?: 'before' | 'after';
  code?: string;
  message?: string;
  status?: number;
  /** Milliseconds before the fault shows; for `slow`, of each call. */
  delayMs?: number;
  /** For `stale`; default 3. */
  reads?: number;
}

/** One request, in the order of arrival. Times are milliseconds since the epoch. */
export interface Call {
  seq: number;
  service: string;
  action: string;
  region: string;
  mutating: boolean;
  start: number;
  /** null while it is running, as is status. */
  end: number | null;
  status: number | null;
  /** AWS's error code, if it refused. */
  error: string | null;
  /** What was asked, in the shape of the API's model; values of secrets are left out. */
  params: Record<string, unknown>;
  /** The fault that was injected, if any. */
  fault: string | null;
}

/** Where the stand-ins for what lies around the API of AWS listen: `http://127.0.0.1:PORT`, or `https:`. */
export interface StandIns {
  /** For CloudFront: serves the site's bucket by the rules of the distribution. */
  site: string;
  /** For the load balancer and the application: `/health` answers while a service has a healthy task. */
  api: string;
}

export interface Control {
  /** `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL. */
  endpoint: string;
  /** Empties the account: resources, faults, latency, settings and call log. */
  reset(): Promise<void>;
  /** Replaces the faults in force. */
  faults(faults: Fault[]): Promise<void>;
  /** Resolves when one of the faults has struck; one that is `after` the call, when AWS has done it. */
  struck(signal?: AbortSignal): Promise<void>;
  /** Delays every answer, or those of the named actions (`CreateVpc` or `ec2:CreateVpc`), by milliseconds. */
  latency(ms: number, byAction?: Record<string, number>): Promise<void>;
  calls(): Promise<Call[]>;
  /** Those that may have changed something. */
  mutations(): Promise<Call[]>;
  clearCalls(): Promise<void>;
  /** Sets what the API cannot set from outside; see local/README.md for the names. */
  set(what: string, value: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** A second process that starts with everything that is in the account, without faults and with an empty call log. */
  fork(): Promise<Fork>;
}

export interface Fork extends Control, StandIns {
  /** Ends it; otherwise it ends with the process that started the first one. */
  stop(): void;
}

/** The handle on a running local AWS at `endpoint`. */
export function control(endpoint: string): Control {
  const ask = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> => {
    const answer = await fetch(`${endpoint}/_tap/${path}`, {
      method,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_tap/${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    endpoint,
    reset: async () => void (await ask('POST', 'reset')),
    faults: async (faults) => void (await ask('POST', 'faults', faults)),
    struck: async (signal) => void (await ask('GET', 'faults/struck', undefined, signal)),
    latency: async (ms, byAction = {}) => void (await ask('POST', 'latency', { ms, byAction })),
    calls: () => ask('GET', 'calls'),
    mutations: () => ask('GET', 'calls/mutating'),
    clearCalls: async () => void (await ask('POST', 'calls/clear')),
    set: (what, value) => ask('POST', `set/${what}`, value),
    fork: async () => {
      const { endpoint, pid, ...standIns } = await ask<StandIns & { endpoint: string; pid: number }>('POST', 'fork');
      return { ...control(endpoint), ...standIns, stop: () => void process.kill(pid, 'SIGKILL') };
    },
  };
}
