import { deployable, deployImage } from '../deploy/backend.ts';
import { type PushedImage, resolveImage } from '../deploy/image.ts';
import { type Ledger, nameOf, readLedger } from '../deploy/ledger.ts';
import { runsAlready } from '../deploy/live.ts';
import { showOutcome } from '../deploy/outcome.ts';
import { type BackendRelease, readRelease } from '../deploy/releases.ts';
import { rollbackFrontend } from '../deploy/site-rollback.ts';
import { readSource, rootOf } from '../deploy/source.ts';
import { steps } from '../deploy/steps.ts';
import { inTurn, type TurnOptions } from '../deploy/turn.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { progress } from '../render/progress.ts';
import { type Account, openAccount } from '../session.ts';
import { isYes } from './confirm.ts';
import { TIMEOUT } from './deploy-backend.ts';

export interface RollbackOptions extends GlobalOptions, TurnOptions {
  readonly yes?: boolean;
  /** Minutes. */
  readonly timeout?: number;
}

/** Goes back to a release without a build. @param id of the release; default: the one before the live one */
export async function rollback(
  half: string,
  id: string | undefined,
  options: RollbackOptions,
  io: Io,
): Promise<number> {
  const wanted = id === undefined ? undefined : Number(id);
  if (wanted !== undefined && !(Number.isSafeInteger(wanted) && wanted > 0))
    throw new UserError(`"${id}" is not the id of a release`, { fix: '`tap releases` lists them' });
  if (half !== 'backend' && half !== 'frontend')
    throw new UserError(`there is no half "${half}"`, {
      fix: 'write `tap rollback backend` or `tap rollback frontend`',
    });
  const account = await openAccount(options, io);
  return half === 'backend'
    ? rollbackBackend(account, wanted, options, io)
    : rollbackFrontend(account, wanted, options, io);
}

async function rollbackBackend(
  account: Account,
  id: number | undefined,
  options: RollbackOptions,
  io: Io,
): Promise<number> {
  const { names, clock } = account;
  const { run, who } = await readSource(rootOf(options.config), io.env);
  const find = async (cx: Cx, write: boolean) => {
    const ledger = await readLedger(cx, names.buckets.state, { write });
    return { ledger, target: await targetOf(cx, names.buckets.state, ledger, id) };
  };
  // Asked before the lease is taken: others need not wait for an answer.
  const asked = await find(account.contexts({ sweep: false }), false);
  await deployable(account);
  await mayCrossMigration(asked.ledger, asked.target, options, io);
  const shown = await progress(io, { json: options.json, total: 4 });
  const show = steps(shown.emit, clock);
  const command = `tap rollback backend ${asked.target.id}`;
  const done = await inTurn(account, 'backend', command, options, io, async ({ cx, signal }) => {
    const { ledger, target } = await find(cx, true);
    if (target.id !== asked.target.id || ledger.schema !== asked.ledger.schema)
      throw new UserError('nothing was rolled back: another deploy came in between', {
        exit: Exit.failed,
        fix: 'see `tap releases`, and decide again',
      });
    const { commit, committedAt } = target;
    const live = await deployable(account);
    const image = await show.run('image', 'check', 0, () => imageOf(cx, names.repository, target));
    if (runsAlready(live, image.uri))
      throw new UserError(`nothing to do: the image of release ${target.id} is the one that runs`, {
        fix: '`tap releases backend` lists the others',
        exit: Exit.failed,
      });
    return deployImage({
      account,
      cx,
      signal,
      steps: show,
      live,
      ledger,
      image,
      entry: {
        who,
        ...(run && { run }),
        ...(commit && { commit }),
        ...(committedAt && { committedAt }),
        rollbackTo: target.rollbackTo ?? target.id,
      },
      migration: false,
      timeoutMs: (options.timeout ?? TIMEOUT) * 60_000,
    });
  }).finally(() => shown.done());
  return showOutcome(account, 'rollback', done, options, io);
}

/**
 * The release to go back to. Without an id the one that served before the live one; after a roll-back the one before that
 * to which it went, so that each further roll-back goes further.
 */
async function targetOf(cx: Cx, bucket: string, ledger: Ledger, id: number | undefined): Promise<BackendRelease> {
  const { ids, live } = ledger;
  const fix = '`tap releases backend` lists them';
  if (id !== undefined) {
    const release = await readRelease<BackendRelease>(cx, bucket, 'backend', id);
    if (!release) throw new UserError(`there is no release ${id} of the backend`, { fix, exit: Exit.failed });
    if (release.outcome !== 'succeeded')
      throw new UserError(`release ${id} has never served: ${release.outcome}`, { fix, exit: Exit.failed });
    return release;
  }
  const from = live?.rollbackTo ?? live?.id ?? 0;
  for (const older of ids.filter((other) => other < from)) {
    const release = await readRelease<BackendRelease>(cx, bucket, 'backend', older);
    if (release?.outcome === 'succeeded' && release.rollbackTo === undefined) return release;
  }
  throw new UserError('there is no release to go back to', { fix, exit: Exit.failed });
}

/** The program is older than the schema then; whether it can work with it, only people know. */
async function mayCrossMigration(
  { schema }: Ledger,
  target: BackendRelease,
  { yes }: RollbackOptions,
  io: Io,
): Promise<void> {
  if (schema === target.schema || yes) return;
  const was = target.schema ?? 'an unknown revision';
  const what = `${nameOf(target)} ran on schema ${was}, and the database is at ${schema ?? 'an unknown revision'}: a roll-back does not change that`;
  if (!io.interactive)
    throw new UserError(`nothing was rolled back: ${what}`, {
      fix: 'is that release able to run on the newer schema? then: --yes',
    });
  const answer = await io.ask(`${what}. Go on? [y/N] `);
  if (!isYes(answer)) throw new UserError('nothing was rolled back: not confirmed', { exit: Exit.failed });
}

async function imageOf(cx: Cx, repository: string, { id, digest, commit }: BackendRelease): Promise<PushedImage> {
  try {
    return await resolveImage(cx, repository, digest);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`nothing was rolled back: the image of release ${id} is gone: ${error.message}`, {
      exit: Exit.failed,
      fix: `choose another release (\`tap releases backend\`), or check out ${commit ?? 'its commit'} and run \`tap deploy-backend --allow-older\``,
    });
  }
}
