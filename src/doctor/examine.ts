import { describe, isDenied } from '../aws/errors.ts';
import { AwsError, UserError } from '../engine/errors.ts';
import { explain } from '../engine/observe.ts';
import { zones } from './availability-zones.ts';
import { bedrock } from './bedrock.ts';
import { caa } from './caa.ts';
import { certificate } from './certificate.ts';
import { database } from './database.ts';
import { dns } from './dns.ts';
import type { Check, Finding, Found, Subject } from './finding.ts';
import { google } from './google.ts';
import { identity } from './identity.ts';
import { alias, buckets, projectName, signInDomain } from './names.ts';
import { permissions } from './permissions.ts';
import { quotas } from './quotas.ts';
import { dnsTrouble } from './resolver.ts';
import { tools } from './tools.ts';

const CHECKS: readonly Check[] = [
  identity,
  permissions,
  projectName,
  buckets,
  signInDomain,
  alias,
  zones,
  ...quotas,
  database,
  dns,
  caa,
  certificate,
  google,
  bedrock,
  tools,
];

/** Everything that would be in the way of `up` and of deploys, all checks at once, in the order of the list. */
export async function examine(subject: Subject): Promise<Finding[]> {
  const found = await Promise.all(CHECKS.map((check) => look(check, subject)));
  return found.flat();
}

async function look({ name, find }: Check, subject: Subject): Promise<Finding[]> {
  const found = await find(subject).catch((error: unknown) => [unseen(error, name)]);
  return found.map((one) => ({ check: name, ...one }));
}

function unseen(error: unknown, check: string): Found {
  const silent = dnsTrouble(error);
  if (silent) return { state: 'not checked', text: silent };
  if (isDenied(error)) return { state: 'not checked', ...denied(error) };
  const explained = explain(error, `checking ${check}`);
  if (explained instanceof UserError && explained.cause === undefined)
    return { state: 'problem', text: explained.message, fix: explained.fix };
  if (explained instanceof UserError || explained instanceof AwsError)
    return { state: 'not checked', text: explained.message, fix: explained.fix };
  throw error;
}

/** IAM's prefix for clients that are not called like it. */
const PREFIX: Readonly<Record<string, string>> = {
  CognitoIdentityProvider: 'cognito-idp',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
};

/** "User: … is not authorized to perform: ec2:DescribeVpcs" names the action; where it does not, the call does. */
function denied(error: unknown): Pick<Found, 'text' | 'fix'> {
  const { message, call = '' } = describe(error);
  const [service = '', operation] = call.split(' ');
  const byCall = `${PREFIX[service] ?? service.toLowerCase()}:${operation}`;
  const action = /perform: ([a-z0-9-]+:\w+)/.exec(message)?.[1] ?? byCall;
  return { text: `AWS denies ${action}`, fix: `ask for ${action}, or have somebody run \`tap doctor\` who has it` };
}
