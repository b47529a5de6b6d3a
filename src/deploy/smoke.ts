import type { Clock } from '../engine/clock.ts';
import { Exit, Stopped, UserError } from '../engine/errors.ts';
import { clean, shorten } from './logs.ts';

export interface SmokeOptions {
  readonly url: string;
  /** What the answer must contain. */
  readonly text?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds until a wrong answer counts: load balancer and DNS switch gradually. */
  readonly withinMs?: number;
  /** Milliseconds for one answer. */
  readonly requestMs?: number;
}

interface Trouble {
  /** What came instead of a good answer. */
  readonly came: string;
  readonly fix: string;
}

const WITHIN = 60_000;
const REQUEST = 10_000;
const PAUSE = 2_000;
/** Bytes of an answer that are read. */
const BODY = 64 * 1024;

/**
 * Asks an address until it answers 200, with the text in it if there is one.
 * @throws UserError that says what was asked, what came and what helps; Stopped when the signal was aborted
 */
export async function smokeTest(options: SmokeOptions): Promise<void> {
  const { url, clock, signal, withinMs = WITHIN } = options;
  const until = clock.now() + withinMs;
  for (let times = 1; ; times += 1) {
    const trouble = await ask(options);
    if (signal.aborted) throw new Stopped('interrupted during the smoke test');
    if (!trouble) return;
    if (clock.now() + PAUSE > until)
      throw new UserError(
        `the smoke test failed: GET ${url} ${trouble.came} (asked ${times === 1 ? 'once' : `${times} times in ${withinMs / 1_000} s`})`,
        {
          fix: trouble.fix,
          exit: Exit.failed,
        },
      );
    await clock.sleep(PAUSE, signal);
  }
}

async function ask({ url, text, signal, requestMs = REQUEST }: SmokeOptions): Promise<Trouble | undefined> {
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { 'cache-control': 'no-cache', 'user-agent': 'tap' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
    });
    const body = await beginningOf(answer);
    if (answer.status !== 200) return wrongStatus(answer, body);
    if (text === undefined || body.includes(text)) return undefined;
    return {
      came: `answers 200 without the text ${JSON.stringify(text)}${quote(body)}`,
      fix: 'is it the new release that answers, and does it say so? correct backend.smokeText in the config if not',
    };
  } catch (error) {
    return noAnswer(error, requestMs);
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop cancels the rest.
    if (size >= BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, BODY).toString('utf8');
}

function wrongStatus({ status, headers }: Response, body: string): Trouble {
  if (status >= 300 && status < 400)
    return {
      came: `is redirected (${status}) to ${shorten(clean(headers.get('location') ?? 'nowhere').join(' '), 200)}`,
      fix: 'set backend.smokeUrl in the config to an address that answers by itself',
    };
  return {
    came: `answers ${status}${quote(body)}`,
    fix: STATUS[status] ?? (status < 300 ? OTHER_URL : 'the program answers with an error: see `tap logs`'),
  };
}

const OTHER_URL = 'set backend.smokeUrl in the config to an address that answers 200';

/** "Troubleshoot your Application Load Balancers": the load balancer's own answers. */
const STATUS: Readonly<Record<number, string>> = {
  401: 'set backend.smokeUrl in the config to an address that needs no login',
  403: 'set backend.smokeUrl in the config to an address that needs no login',
  404: 'let the program answer this path, or set backend.smokeUrl in the config to one that it answers',
  502: 'the load balancer gets no proper answer from the program: see `tap logs`',
  503: 'the load balancer has no healthy target: see `tap status` and `tap logs`',
  504: 'the program does not answer the load balancer in time: see `tap logs`',
};

/** The first line of an answer that says something; of a page what a reader sees. */
function quote(body: string): string {
  const line = clean(body.replaceAll(/<[^>]*>/g, ' ')).find((text) => text.trim() !== '');
  return line === undefined ? ', with an empty body' : `: ${shorten(line.trim(), 200)}`;
}

const UNTRUSTED: Trouble = {
  came: 'shows a certificate that nobody vouches for whom Node.js trusts',
  fix: 'behind a proxy that opens TLS, or with a certificate authority of your own, name its certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
};
const UNRESOLVED: Trouble = {
  came: 'finds no such host in DNS',
  fix: '`tap outputs` shows the records and name servers that the domain needs; a new record takes some minutes',
};
const CUT: Trouble = {
  came: 'is cut off before the answer is complete',
  fix: 'see `tap logs`: does the program end while it answers?',
};
const UNREACHED: Trouble = {
  came: 'does not get through to the host',
  fix: 'does DNS lead to this load balancer (`tap status`)? does a firewall or proxy of this network keep it away?',
};

/** By the codes of Node.js ("Errors", "TLS": X509 certificate error codes) and its fetch. */
const CODES: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: UNRESOLVED,
  EAI_AGAIN: UNRESOLVED,
  ECONNREFUSED: {
    came: 'is refused: nothing listens there',
    fix: 'does DNS lead to this load balancer, and does it have its listener? `tap status`, `tap drift`',
  },
  ECONNRESET: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  UND_ERR_CONNECT_TIMEOUT: UNREACHED,
  CERT_NOT_YET_VALID: {
    came: 'shows a certificate that is not valid yet',
    fix: 'is the clock of this computer right?',
  },
  CERT_HAS_EXPIRED: {
    came: 'shows a certificate that has expired',
    fix: 'is the clock of this computer right? `tap status` says how long the certificate is valid, `tap up` renews it',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    came: 'shows a certificate for another name',
    fix: 'does DNS lead to this load balancer? `tap status`; `tap drift` shows a certificate that was changed by hand',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** What fetch throws says only that it failed; the reason is its cause. */
function noAnswer(error: unknown, requestMs: number): Trouble {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError')
    return {
      came: `has no answer within ${requestMs / 1_000} s`,
      fix: 'see `tap logs`: what does the program wait for?',
    };
  const { code, message = String(error) } = cause ?? {};
  const known = CODES[code ?? ''];
  if (known) return { ...known, came: `${known.came} (${code})` };
  const fix = /SSL|EPROTO|TLS/.test(code ?? '')
    ? 'does the address really speak TLS?'
    : 'check the address: backend.smokeUrl in the config';
  return { came: `fails: ${code ?? message}`, fix };
}
