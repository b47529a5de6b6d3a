import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { isDenied } from '../aws/errors.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { Revision } from '../resources/ecs/revision.ts';
import { readRole } from '../resources/iam/iam.ts';
import type { Account } from '../session.ts';
import { type Check, type Finding, MADE_BY_UP } from './finding.ts';
import { architectureOf, checkPlatform, type PushedImage } from './image.ts';
import { checkDatabaseUrl, checkParameters, checkSecrets } from './preflight-secrets.ts';

/**
 * Looks for all that would keep a revision with this image from starting, before anything changes. Reads names and versions
 * only, no values; JSON keys of secrets where the caller may read those.
 * @returns what could not be checked, as sentences for people
 * @throws UserError with everything that was found, or AwsError
 */
export async function preflight(
  account: Account,
  cx: Cx,
  revision: Revision,
  image: PushedImage,
): Promise<readonly string[]> {
  const checks: readonly Check[] = [
    {
      what: 'the platform of the image',
      action: 'ecr:BatchGetImage',
      find: () => checkPlatform(cx, image, architectureOf(revision)).then(() => [], refusal),
    },
    ...checkSecrets(account, cx, revision),
    ...checkParameters(cx, revision),
    ...checkRoles(cx, revision),
    ...checkLogGroups(cx, revision),
    ...checkDatabaseUrl(account, cx, revision),
  ];
  const results = await Promise.all(checks.map(look));
  const findings = results.flatMap((result) => ('needs' in result ? [] : result));
  if (findings.length > 0) throw refused(findings);
  return unchecked(results.flatMap((result) => ('needs' in result ? result : [])));
}

/** What the caller may not look at. */
interface Denied {
  readonly what: string;
  readonly needs: string;
}

function unchecked(denied: readonly Denied[]): string[] {
  const actions = new Set(denied.map(({ needs }) => needs));
  return [...actions].map((action) => {
    const all = new Set(denied.flatMap(({ what, needs }) => (needs === action ? what : [])));
    return `not checked, as it needs ${action}: ${[...all].join(', ')}`;
  });
}

async function look({ what, action, find }: Check): Promise<readonly Finding[] | Denied> {
  try {
    return await find();
  } catch (error) {
    if (isDenied(error)) return { what, needs: action };
    throw explain(error, `checking ${what}`);
  }
}

/** What another part refuses is one of the findings. */
function refusal(error: unknown): Finding[] {
  if (!(error instanceof UserError)) throw error;
  return [{ problem: error.message, fix: error.fix ?? '' }];
}

function refused(findings: readonly Finding[]): UserError {
  const [first, ...others] = findings;
  if (first && others.length === 0)
    return new UserError(`nothing was started: ${first.problem}`, {
      fix: first.fix,
      exit: Exit.failed,
    });
  const list = findings.map(({ problem, fix }) => `  - ${problem}\n    ${fix}`);
  return new UserError(`nothing was started, for ${findings.length} reasons:\n${list.join('\n')}`, {
    exit: Exit.failed,
  });
}

const checkRoles = (cx: Cx, { definition: { executionRoleArn, taskRoleArn } }: Revision): Check[] =>
  [...new Set([executionRoleArn, taskRoleArn])].flatMap((arn) => {
    const name = arn?.split('/').at(-1);
    if (!name) return [];
    const find = async (): Promise<Finding[]> =>
      (await readRole(cx, name)) ? [] : [{ problem: `the role ${name} does not exist`, fix: MADE_BY_UP }];
    return [{ what: `the role ${name}`, action: 'iam:GetRole', find }];
  });

function checkLogGroups(cx: Cx, { definition }: Revision): Check[] {
  const containers = definition.containerDefinitions ?? [];
  const names = containers.flatMap(({ logConfiguration }) => logConfiguration?.options?.['awslogs-group'] ?? []);
  return [...new Set(names)].map((name) => ({
    what: `the log group ${name}`,
    action: 'logs:DescribeLogGroups',
    find: async () => {
      const { logGroups = [] } = await cx
        .aws(CloudWatchLogsClient)
        .send(new DescribeLogGroupsCommand({ logGroupIdentifiers: [name] }));
      return logGroups.length > 0 ? [] : [{ problem: `the log group ${name} does not exist`, fix: MADE_BY_UP }];
    },
  }));
}
