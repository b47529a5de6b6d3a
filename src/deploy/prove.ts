import { createHash } from 'node:crypto';
import type { Clock } from '../engine/clock.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { SiteFile } from './site-ledger.ts';

const WAIT = 60_000;
const LOOK = 2_000;
/** Milliseconds for one answer. */
const ANSWER = 10_000;

export interface Proof {
  /** Address of the site. */
  readonly url: string;
  /** SHA-256 of index.html, hex. */
  readonly build: string;
  /** One more file that must answer with its own bytes and type: a missing one is answered with index.html. */
  readonly asset?: { readonly path: string; readonly file: SiteFile };
  /** What to call another build that is served instead. */
  nameOf(build: string): string | undefined;
}

/**
 * Fetches the site as a browser would until it is this build, at most for a minute.
 * @throws UserError that says what is served instead
 */
export async function prove(proof: Proof, clock: Clock, signal: AbortSignal): Promise<void> {
  const until = clock.now() + WAIT;
  for (;;) {
    const wrong = await problem(proof, signal);
    signal.throwIfAborted();
    if (!wrong) return;
    if (clock.now() + LOOK > until) throw wrong;
    await clock.sleep(LOOK, signal);
    signal.throwIfAborted();
  }
}

/** Address of a file, by its path; of the site itself without one. */
export const siteUrl = (base: string, path = ''): string =>
  `${base.replace(/\/$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;

async function problem({ url, build, asset, nameOf }: Proof, signal: AbortSignal): Promise<UserError | undefined> {
  const page = await get(siteUrl(url), signal);
  if (page instanceof UserError) return page;
  if (page.status !== 200)
    return unproved(`${url} answers ${page.status}`, 'see `tap status`: is the environment up to date?');
  if (page.digest.toString('hex') !== build)
    return unproved(
      `${url} serves ${nameOf(page.digest.toString('hex')) ?? 'something that no release of the ledger is'}`,
      'if the edge is only slow, deploying again proves it; `tap rollback frontend` goes back',
    );
  if (!asset) return undefined;
  const where = siteUrl(url, asset.path);
  const file = await get(where, signal);
  if (file instanceof UserError) return file;
  if (file.status === 200 && file.type === asset.file.type && file.digest.toString('base64') === asset.file.hash)
    return undefined;
  return unproved(
    `${where} answers ${file.status} with ${file.type || 'no content type'}, not the file of this release`,
    'pages may be broken: `tap rollback frontend` goes back',
  );
}

interface Answer {
  readonly status: number;
  readonly type: string;
  /** SHA-256 of the body, decoded. */
  readonly digest: Buffer;
}

async function get(url: string, signal: AbortSignal): Promise<Answer | UserError> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER)]) });
    const hash = createHash('sha256');
    for await (const chunk of answer.body ?? []) hash.update(chunk as Uint8Array);
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', digest: hash.digest() };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN')
      return new UserError(
        `the release is there, but ${new URL(url).host} has no DNS record yet, so nobody can see it`,
        {
          fix: '`tap outputs` shows the records to make; then deploy again, which proves it',
          exit: Exit.waiting,
        },
      );
    return unproved(
      `${url} cannot be reached: ${cause?.code ?? cause?.message ?? message}`,
      'is the environment up to date? see `tap status`',
    );
  }
}

const unproved = (what: string, fix: string): UserError =>
  new UserError(`the site is not proved: ${what}`, { fix, exit: Exit.failed });
