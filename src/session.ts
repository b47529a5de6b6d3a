import { Route53Client } from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeWrite } from './aws/before-write.ts';
import { type Clients, clients } from './aws/clients.ts';
import { contexts as makeContexts } from './aws/context.ts';
import { loadConfig } from './config/load.ts';
import { names } from './config/names.ts';
import { findHostedZone } from './dns.ts';
import { type Clock, systemClock } from './engine/clock.ts';
import { UserError } from './engine/errors.ts';
import type { Scope } from './engine/identity.ts';
import type { AnyKind } from './engine/kind.ts';
import { type Contexts, explain } from './engine/observe.ts';
import type { Place } from './engine/plan.ts';
import type { Env, Facts } from './environment/env.ts';
import type { Environment } from './environment/index.ts';
import type { GlobalOptions, Io } from './io.ts';
import type { Lease } from './lease.ts';
import { isLease } from './lease-key.ts';

/** Who we are and how to ask AWS: all that a deploy needs. */
export interface Account extends Env {
  readonly scope: Scope & Place;
  readonly aws: Clients;
  readonly contexts: Contexts;
  readonly clock: Clock;
  /** Aborted at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Until this is called, anything but a read is refused before it is sent. */
  allowWrites(): void;
  /** From then on each write waits until the lease is sure, and is refused with `Stopped` once it is lost. */
  hold(lease: Pick<Lease, 'sure'> | undefined): void;
}

/** What a command that plans needs as well: the environment that the config describes. */
export interface Session extends Account {
  readonly environment: Environment;
  /** Every kind that the command looks at, in creation order. */
  readonly kinds: readonly AnyKind[];
}

/**
 * Reads the config, finds out who the caller is and whether the domain's zone is here, and writes the environment down.
 * @throws ConfigError, or UserError when config and caller do not fit
 */
export async function openSession(options: GlobalOptions, io: Io): Promise<Session> {
  // Loaded here, and while AWS answers: a deploy needs neither every kind nor the client of each service.
  const [account, { environment }, { kinds }] = await Promise.all([
    open(options, io, zoneOf),
    import('./environment/index.ts'),
    import('./resources/index.ts'),
  ]);
  return { ...account, environment: environment(account), kinds };
}

/**
 * As {@link openSession}, without asking for the hosted zone, which the role that deploys may not read.
 * @throws ConfigError, or UserError when config and caller do not fit
 */
export const openAccount = (options: GlobalOptions, io: Io): Promise<Account> =>
  open(options, io, async () => undefined);

async function open(options: GlobalOptions, io: Io, zone: typeof zoneOf): Promise<Account> {
  const config = await loadConfig(options.config, options.env);
  checkRegion(config.region, io.env);
  let readonly = true;
  let held: Pick<Lease, 'sure'> | undefined;
  const aws = beforeWrite(
    clients({ region: config.region, readonly: () => readonly, onCall: io.onCall, limits: io.limits }),
    // The lease's own writes have S3 compare.
    (input) => (isLease(input) ? undefined : held?.sure()),
  );
  const asking = (error: unknown): never => {
    throw explain(error, 'asking AWS who is calling');
  };
  // Both at once; when both fail, always the same one is told.
  const [who, where] = await Promise.allSettled([whoAmI(aws), zone(aws, config)]);
  const caller = who.status === 'fulfilled' ? who.value : asking(who.reason);
  const hostedZone = where.status === 'fulfilled' ? where.value : asking(where.reason);
  if (config.account !== undefined && config.account !== caller.account)
    throw new UserError(
      `these credentials are for account ${caller.account}, but ${options.config} is pinned to account ${config.account}`,
      { fix: 'choose the right profile (AWS_PROFILE), or change `account` in the config' },
    );
  const facts: Facts = { ...caller, region: config.region, hostedZone };
  const scope = { project: config.project, env: config.env, ...facts };
  return {
    config,
    names: names(config, facts.account),
    facts,
    scope,
    aws,
    contexts: makeContexts(scope, aws),
    clock: io.clock ?? systemClock,
    signal: io.signal,
    allowWrites: () => {
      readonly = false;
    },
    hold: (lease) => {
      held = lease;
    },
  };
}

function checkRegion(region: string, env: NodeJS.ProcessEnv): void {
  const other = [env.AWS_REGION, env.AWS_DEFAULT_REGION].find((value) => value && value !== region);
  if (other)
    throw new UserError(`the environment says region ${other}, but the config says ${region}`, {
      fix: `unset AWS_REGION and AWS_DEFAULT_REGION (tap takes the region from the config), or set "region": "${other}" in the config`,
    });
}

async function whoAmI(aws: Clients): Promise<Pick<Facts, 'account' | 'partition'>> {
  const { Account, Arn } = await aws(STSClient).send(new GetCallerIdentityCommand({}));
  return { account: Account ?? '', partition: Arn?.split(':')[1] ?? 'aws' };
}

async function zoneOf(aws: Clients, { dns, domain }: Env['config']): Promise<Facts['hostedZone']> {
  return findHostedZone(aws(Route53Client), domain, dns.hostedZone);
}
