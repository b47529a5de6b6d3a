import { join, resolve } from 'node:path';
import { compareWithBucket } from '../deploy/bucket-listing.ts';
import { buildSite } from '../deploy/build-site.ts';
import { checkSite, readSite, type Site } from '../deploy/manifest.ts';
import { refuseOlder } from '../deploy/order.ts';
import { prove } from '../deploy/prove.ts';
import { filePutter } from '../deploy/put-object.ts';
import { type Changes, changesTo, isNothing } from '../deploy/site-changes.ts';
import { confirmLive, type FrontendRelease, readSiteLedger, type SiteLedger } from '../deploy/site-ledger.ts';
import { filesOf, proofOf, type Shipped, ship } from '../deploy/site-release.ts';
import { showShipped } from '../deploy/site-report.ts';
import { readSource, rootOf, type Source } from '../deploy/source.ts';
import { type Steps, steps } from '../deploy/steps.ts';
import { inTurn, type Turn, type TurnOptions } from '../deploy/turn.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { progress } from '../render/progress.ts';
import { type Account, openAccount } from '../session.ts';

export interface DeployFrontendOptions extends GlobalOptions, TurnOptions {
  /** A built site instead of a build. */
  readonly dir?: string;
  readonly verify?: boolean;
  readonly allowOlder?: boolean;
}

/** Builds, uploads, switches, invalidates, and proves it through the site. */
export async function deployFrontend(options: DeployFrontendOptions, io: Io): Promise<number> {
  if (options.dir !== undefined) await checkSite(resolve(options.dir), Exit.usage);
  const account = await openAccount(options, io);
  const root = rootOf(options.config);
  const shown = await progress(io, { json: options.json, total: options.dir ? 4 : 5 });
  const step = steps(shown.emit, account.clock);
  const { release, shipped } = await deploy(account, root, options, io, step).finally(() => shown.done());
  return showShipped(account, 'deploy-frontend', release, shipped, options, io);
}

/** The live release, and what it took to get there; nothing when it was live before. */
interface Deployed {
  readonly release: FrontendRelease;
  readonly shipped?: Shipped;
}

async function deploy(
  account: Account,
  root: string,
  options: DeployFrontendOptions,
  io: Io,
  step: Steps,
): Promise<Deployed> {
  const { names } = account;
  const cx = account.contexts({ sweep: false });
  const source = await readSource(root, io.env);
  const guarded = async (known?: SiteLedger): Promise<SiteLedger> => {
    const ledger = await readSiteLedger(cx, names.buckets.state, known);
    await refuseOlder(root, source, ledger.live, options);
    return ledger;
  };
  const before = await guarded();
  const site = await findSite(account, root, options, io, step);
  const now = new Date().toISOString();
  if (!options.verify && isNothing(changesTo(site.files, before, undefined, now), before))
    return unchanged(account, before, source, step);
  return inTurn(account, 'frontend', 'tap deploy-frontend', options, io, async (turn) => {
    const ledger = await guarded(before);
    const unsure = options.verify || ledger.open.length > 0;
    const listing = unsure ? await compareWithBucket(turn.cx, names.buckets.spa, site) : undefined;
    const changes = changesTo(site.files, ledger, listing, now);
    if (isNothing(changes, ledger)) return unchanged(account, ledger, source, step);
    return shipSite(account, turn, ledger, site, changes, source, step);
  });
}

async function findSite(
  account: Account,
  root: string,
  { dir }: DeployFrontendOptions,
  io: Io,
  step: Steps,
): Promise<Site> {
  const cx = account.contexts({ sweep: false });
  const folder = dir
    ? resolve(dir)
    : await step.run('site', 'build', 30_000, (say) => buildSite(account, cx, root, io.env, say));
  return step.run('files', 'check', 2_000, () => readSite(folder, account.signal));
}

async function shipSite(
  account: Account,
  turn: Turn,
  ledger: SiteLedger,
  site: Site,
  changes: Changes,
  source: Source,
  step: Steps,
): Promise<Deployed> {
  for (const path of changes.notHashed)
    step.notice(
      `${path} has other bytes than before under the same name: it is treated as a file without a hash, and browsers that have the old one may keep it for a year`,
    );
  const plus = Object.keys(site.files).filter((path) => path.includes('+'));
  // In a path S3 reads + as a space (a question of compatibility that is older than the SDKs), and CloudFront hands it on.
  if (plus.length > 0)
    step.notice(
      `${plus[0]}${plus.length > 1 ? ` and ${filesOf(plus.length - 1)} more` : ''}: a link must write + as %2B`,
    );
  const { commit, committedAt, run, who } = source;
  const putFile = await filePutter(turn.cx, account.names.buckets.spa);
  const shipped = await ship(
    account,
    turn,
    {
      ledger,
      changes,
      origin: { who, ...(commit && { commit }), ...(committedAt && { committedAt }), ...(run && { run }) },
      put: (path, file, signal) => putFile(path, file, join(site.folder, path), signal),
    },
    step,
  );
  return { release: shipped.release, shipped };
}

/** The bucket has this build; whether people see it is looked at all the same. */
async function unchanged(account: Account, ledger: SiteLedger, source: Source, step: Steps): Promise<Deployed> {
  const { live } = ledger;
  if (!live) throw new Error('nothing is live, and nothing to deploy');
  await step.run('site', 'check', 2_000, () =>
    prove(proofOf(account, live, ledger), account.clock, account.signal).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      const fix = '`tap deploy-frontend --verify` compares the bucket with the build, and repairs it';
      throw new UserError(error.message, { fix, exit: error.exit });
    }),
  );
  account.allowWrites();
  await confirmLive(account.contexts({ sweep: false }), account.names.buckets.state, ledger, source);
  return { release: live };
}
