import {
  type ContextEntry,
  type EvaluationResult,
  GetRoleCommand,
  IAMClient,
  paginateSimulatePrincipalPolicy,
} from '@aws-sdk/client-iam';
import { items } from '../aws/pages.ts';
import type { Cx } from '../engine/kind.ts';
import { limiter } from '../engine/limiter.ts';
import { callsOf } from '../permissions/commands.ts';
import { type Permission, permissionsOf } from '../permissions/statements.ts';
import { type Check, type Found, notChecked, ok, problem, warning } from './finding.ts';
import { callerArn } from './identity.ts';

/** The caller may do what `up` does, asked of IAM before anything is done. */
export const permissions: Check = {
  name: 'permissions',
  find: async (subject) => {
    const { cx, account } = subject;
    const arn = await callerArn(subject);
    if (arn.endsWith(':root')) return [ok('the root user may do whatever its organization does not forbid')];
    const principal = await principalOf(cx, arn);
    if (!principal) return [notChecked(`IAM simulates users and roles, and the caller is ${arn}`)];
    const needed = permissionsOf(account, callsOf('up', account));
    const results = (await simulate(cx, principal, needed)).filter((result) => !isAllowed(result));
    const open = results.filter((result) => unknownKeys(result).length > 0);
    const denied = results.filter((result) => !open.includes(result));
    const found: Found[] = [];
    if (denied.length > 0)
      found.push(
        problem(
          `${principal} may not do all that \`tap up\` does: ${actionsOf(denied)}`,
          '`tap iam-policy up` prints the policy that it needs',
        ),
      );
    if (open.length > 0)
      found.push(
        warning(
          `whether ${principal} may do these depends on conditions that a simulation does not know (${[...new Set(open.flatMap(unknownKeys))].join(', ')}): ${actionsOf(open)}`,
        ),
      );
    return found.length > 0 ? found : [ok(`${principal} may do all that \`tap up\` does, as IAM simulates it`)];
  },
};

/** The user or role whose policies count. A session's ARN lacks the path of its role, which those of Identity Center have. */
async function principalOf({ aws }: Cx, caller: string): Promise<string | undefined> {
  if (/:iam::\d+:user\//.test(caller)) return caller;
  const role = /:sts::\d+:assumed-role\/([^/]+)\//.exec(caller)?.[1];
  if (!role) return undefined;
  return (await aws(IAMClient).send(new GetRoleCommand({ RoleName: role }))).Role?.Arn;
}

/** Simulations at once; IAM is slow to answer, and throttles who asks too much. */
const AT_ONCE = 8;
/** Actions in one request. */
const MOST = 50;

/** Actions on the same things under the same conditions go together: every action is judged on every thing. */
async function simulate(cx: Cx, principal: string, needed: readonly Permission[]): Promise<EvaluationResult[]> {
  const groups = new Map<string, Permission[]>();
  for (const one of needed) {
    const key = JSON.stringify([one.on, one.when]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const requests = [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MOST) }, (_, i) => group.slice(i * MOST, (i + 1) * MOST)),
  );
  const inTurn = limiter(AT_ONCE);
  const answers = requests.map((group) => inTurn(0, () => simulateGroup(cx, principal, group)));
  return (await Promise.all(answers)).flat();
}

const simulateGroup = ({ aws, region }: Cx, principal: string, group: readonly Permission[]) =>
  items(
    paginateSimulatePrincipalPolicy(
      { client: aws(IAMClient) },
      {
        PolicySourceArn: principal,
        ActionNames: group.map(({ action }) => action),
        ResourceArns: [...(group[0]?.on ?? ['*'])],
        ContextEntries: contextOf(group[0]?.when, region),
      },
    ),
    (page) => page.EvaluationResults,
  );

/** What the request would have with it: what our own policies ask for, and the region. */
function contextOf(when: Permission['when'], region: string): ContextEntry[] {
  const entries = Object.values(when ?? {}).flatMap((of) => Object.entries(of));
  const known = entries.flatMap(([ContextKeyName, values]) => {
    const texts = [values].flat().filter((value) => typeof value === 'string');
    return texts.length > 0
      ? [{ ContextKeyName, ContextKeyType: 'string' as const, ContextKeyValues: texts.slice(0, 1) }]
      : [];
  });
  return [...known, { ContextKeyName: 'aws:RequestedRegion', ContextKeyType: 'string', ContextKeyValues: [region] }];
}

const isAllowed = ({ EvalDecision, ResourceSpecificResults = [] }: EvaluationResult): boolean =>
  [EvalDecision, ...ResourceSpecificResults.map((one) => one.EvalResourceDecision)].every((one) => one === 'allowed');

/** Keys of conditions whose values are not known here. */
const unknownKeys = ({ MissingContextValues = [], ResourceSpecificResults = [] }: EvaluationResult): string[] => [
  ...MissingContextValues,
  ...ResourceSpecificResults.flatMap((one) => one.MissingContextValues ?? []),
];

const SHOWN = 12;

/** `ec2:CreateVpc, iam:CreateRole (by the organization) and 7 more` */
function actionsOf(results: readonly EvaluationResult[]): string {
  const names = [...new Set(results.map(nameOf))].sort();
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function nameOf({ EvalActionName, EvalDecision, ...result }: EvaluationResult): string {
  if (result.OrganizationsDecisionDetail?.AllowedByOrganizations === false)
    return `${EvalActionName} (by the organization)`;
  if (result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false)
    return `${EvalActionName} (by its permissions boundary)`;
  return `${EvalActionName}${EvalDecision === 'explicitDeny' ? ' (denied explicitly)' : ''}`;
}
