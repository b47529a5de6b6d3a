import { type BackendDeploy, type Deployed, deployable, deployImage } from '../deploy/backend.ts';
import { architectureOf, buildImage, checkReference, type PushedImage, resolveImage } from '../deploy/image.ts';
import { type Ledger, readLedger } from '../deploy/ledger.ts';
import { type LiveBackend, runsAlready } from '../deploy/live.ts';
import { refuseOlder } from '../deploy/order.ts';
import { showOutcome } from '../deploy/outcome.ts';
import { readSource, rootOf, type Source } from '../deploy/source.ts';
import { type Steps, steps } from '../deploy/steps.ts';
import { inTurn, type TurnOptions } from '../deploy/turn.ts';
import { Exit } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { progress } from '../render/progress.ts';
import { type Account, openAccount } from '../session.ts';

export interface DeployBackendOptions extends GlobalOptions, TurnOptions {
  /** Tag, digest or URI, instead of a build. */
  readonly image?: string;
  readonly allowOlder?: boolean;
  readonly skipMigration?: boolean;
  readonly strict?: boolean;
  /** Minutes. */
  readonly timeout?: number;
}

export const TIMEOUT = 30;
const MINUTE = 60_000;

/** Build, push, migrate, roll out, and the truth about it. */
export async function deployBackend(options: DeployBackendOptions, io: Io): Promise<number> {
  if (options.image !== undefined) checkReference(options.image);
  const account = await openAccount(options, io);
  const root = rootOf(options.config);
  const source = await readSource(root, io.env);
  const shown = await progress(io, { json: options.json, total: 5 });
  const show = steps(shown.emit, account.clock);
  let done: Deployed | Unchanged;
  try {
    if (options.image === undefined) await guard(account, root, source, options, { write: false });
    const live = await deployable(account);
    account.allowWrites();
    const image = await findImage(account, live, root, source, show, options, io);
    const built = options.image === undefined ? source : ofImage(source, image);
    done = await inTurn(account, 'backend', 'tap deploy-backend', options, io, async ({ cx, signal }) => {
      const ledger = await guard(account, root, built, options, { write: true });
      const live = await deployable(account);
      // With --image it is rolled out all the same: that starts all tasks anew.
      if (options.image === undefined && runsAlready(live, image.uri)) return { image, live: ledger.live };
      const { commit, committedAt, run, who } = built;
      const deploy: BackendDeploy = {
        account,
        cx,
        signal,
        steps: show,
        live,
        ledger,
        image,
        entry: { who, ...(commit && { commit, committedAt }), ...(run && { run }) },
        migration: !options.skipMigration,
        timeoutMs: (options.timeout ?? TIMEOUT) * MINUTE,
      };
      return deployImage(deploy);
    });
  } finally {
    await shown.done();
  }
  return 'ending' in done ? showOutcome(account, 'deploy-backend', done, options, io) : unchanged(done, options, io);
}

/** @throws UserError when what is live is newer */
async function guard(
  account: Account,
  root: string,
  source: Source,
  options: DeployBackendOptions,
  { write }: { readonly write: boolean },
): Promise<Ledger> {
  const ledger = await readLedger(account.contexts({ sweep: false }), account.names.buckets.state, { write });
  await refuseOlder(root, source, ledger.live, options);
  return ledger;
}

function findImage(
  account: Account,
  { revision }: LiveBackend,
  root: string,
  source: Source,
  show: Steps,
  { image }: DeployBackendOptions,
  { env, signal }: Io,
): Promise<PushedImage> {
  const cx = account.contexts({ sweep: false });
  if (image !== undefined)
    return show.run('image', 'check', 0, () => resolveImage(cx, account.names.repository, image));
  const architecture = architectureOf(revision);
  return show.run('image', 'build', 2 * MINUTE, (say) =>
    buildImage({ cx, account, root, source, architecture, say, signal, env }),
  );
}

/** What `--image` was built from is told by its tag, which is the commit; the working tree is another matter. */
function ofImage({ commit, committedAt, ...source }: Source, { tags }: PushedImage): Source {
  const tag = tags.find((name) => /^[0-9a-f]{40}$/.test(name));
  return { ...source, ...(tag && { commit: tag, ...(tag === commit && { committedAt }) }) };
}

interface Unchanged {
  readonly image: PushedImage;
  readonly live: Ledger['live'];
}

function unchanged({ image, live }: Unchanged, { json }: DeployBackendOptions, io: Io): number {
  const about = { type: 'result', command: 'deploy-backend', exit: Exit.done, outcome: 'unchanged' };
  if (json) io.out(`${JSON.stringify({ ...about, release: live?.id, digest: image.digest })}\n`);
  else
    io.out(
      `Nothing to do: ${live ? `release ${live.id}` : 'the service'} already runs this image, ${image.digest.slice(0, 19)}. To start it anew: --image ${image.digest}\n`,
    );
  return Exit.done;
}
