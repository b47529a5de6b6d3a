import { names } from '../../src/config/names.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { Graph } from '../../src/engine/graph.ts';
import { outputsFrom } from '../../src/engine/plan.ts';
import { Ref, resolve } from '../../src/engine/ref.ts';
import { ci } from '../../src/environment/ci.ts';
import type { Env } from '../../src/environment/env.ts';
import { rolePolicies, roles } from '../../src/environment/iam.ts';
import type { Document } from './evaluate.ts';

export const ACCOUNT = '123456789012';
const facts = { account: ACCOUNT, region: 'us-east-1', partition: 'aws' };
export const envOf = (more: object = {}, region = 'us-east-1'): Env => {
  const base = { domain: 'example.com', github: { repository: 'org/repo' }, region, ...more };
  const config = parseConfig(JSON.stringify(base), { file: 'tap.config.json' });
  return { config, names: names(config, ACCOUNT), facts: { ...facts, region } };
};
export const known = (value: string): Ref<string> => new Ref([], value, () => value);
const secret = (name: string): { out: { arn: Ref<string> } } => ({
  out: { arn: known(`arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:${name}`) },
});
export const DISTRIBUTION = `arn:aws:cloudfront::${ACCOUNT}:distribution/E1`;
export const MANAGED = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:rds!db-1-AbCdEf`;

/** Every document of the environment's roles, by the role's physical name. */
export function documents(env: Env): Record<'trust' | 'policy', Record<string, Document>> {
  const graph = new Graph(env.config.project);
  const files = { out: { arn: known(`arn:aws:s3:::${env.names.buckets.files}`) } };
  const secrets = ['tap/database-url-AbCdEf', 'tap/jwt-secret-key-AbCdEf', 'tap/cognito-client-secret-AbCdEf'].map(
    secret,
  );
  rolePolicies(graph, env, { roles: roles(graph, env), secrets, files });
  ci(graph, env, {
    secrets,
    distribution: { out: { arn: known(DISTRIBUTION) } },
    database: { id: '', out: { managedSecretArn: known(MANAGED) } },
  });
  const outputs = outputsFrom(graph, new Map(), { ...env.facts, project: env.config.project });
  const found: ReturnType<typeof documents> = { trust: {}, policy: {} };
  for (const { id, name, spec } of graph.nodes.values()) {
    const resolved = resolve(spec, outputs) as { trust: Document; inline: { document: Document }[] };
    if (id.startsWith('role/')) found.trust[name] = resolved.trust;
    if (id.startsWith('role-policies/'))
      found.policy[name] = { Statement: resolved.inline.flatMap(({ document }) => document.Statement) };
  }
  return found;
}

export const sonnet = 'anthropic.claude-sonnet-4-6';
