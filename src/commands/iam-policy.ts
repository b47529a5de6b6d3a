import { loadConfig } from '../config/load.ts';
import { names } from '../config/names.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import type { Env } from '../environment/env.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { callsOf, POLICY_COMMANDS, type PolicyCommand } from '../permissions/commands.ts';
import { documentsOf, MANAGED_POLICY_LIMIT, permissionsOf, statementsOf } from '../permissions/statements.ts';
import { notice } from '../render/progress.ts';
import { openSession } from '../session.ts';

export interface IamPolicyOptions extends GlobalOptions {
  /** 12 digits. With it, AWS is not asked for anything. */
  readonly account?: string;
  /** Which of several documents, from 1. */
  readonly part?: number;
}

/**
 * Prints what a person or a workflow needs in IAM to run a command on this environment: one document, or where that is
 * longer than a managed policy may be, a list of several.
 */
export async function iamPolicy(command: string | undefined, options: IamPolicyOptions, io: Io): Promise<ExitCode> {
  const wanted = commandOf(command ?? 'up');
  const env = await environmentOf(options, io);
  const documents = documentsOf(statementsOf(permissionsOf(env, callsOf(wanted, env))));
  const { part } = options;
  if (part !== undefined && part > documents.length)
    throw new UserError(`there is no part ${part}: the policy of ${wanted} has ${documents.length}`, {
      fix: `choose one of 1 to ${documents.length}`,
    });
  const chosen = part === undefined ? documents : documents.slice(part - 1, part);
  if (chosen.length > 1)
    notice(
      io,
      options.json,
      `${chosen.length} documents, in a list: a managed policy has at most ${MANAGED_POLICY_LIMIT} characters. ` +
        `One by one, for \`aws iam create-policy\`: --part 1 to --part ${chosen.length}. All of them are needed.`,
    );
  io.out(`${JSON.stringify(chosen.length === 1 ? chosen[0] : chosen, null, 2)}\n`);
  return Exit.done;
}

function commandOf(text: string): PolicyCommand {
  const found = POLICY_COMMANDS.find((name) => name === text);
  if (!found)
    throw new UserError(`there is no policy for "${text}"`, { fix: `choose one of ${POLICY_COMMANDS.join(', ')}` });
  return found;
}

async function environmentOf(options: IamPolicyOptions, io: Io): Promise<Env> {
  const { account } = options;
  if (account === undefined) return openSession(options, io);
  const config = await loadConfig(options.config, options.env);
  if (config.account !== undefined && config.account !== account)
    throw new UserError(`--account says ${account}, but ${options.config} is pinned to account ${config.account}`, {
      fix: 'leave --account out, or change `account` in the config',
    });
  const { hostedZone } = config.dns;
  // Nobody has looked for the zone: if there is one, any of the account's may be it.
  const zone = hostedZone !== false && { id: hostedZone === 'auto' ? '*' : hostedZone, name: config.domain };
  const facts = {
    account,
    region: config.region,
    partition: partitionOf(config.region),
    ...(zone && { hostedZone: zone }),
  };
  return { config, names: names(config, account), facts };
}

/** "AWS partitions", by the prefix of a region's name. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
