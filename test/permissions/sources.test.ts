import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Use } from '../../src/aws/calls.ts';
import { DEPLOY_BACKEND, DEPLOY_FRONTEND, ROLLBACK_FRONTEND } from '../../src/deploy/calls.ts';
import { LEASE_CALLS } from '../../src/lease-object.ts';
import { planCalls } from '../../src/permissions/plan.ts';
import { kinds, withPrunedSubscriptions } from '../../src/resources/index.ts';
import { nameOf } from './declared.ts';

/** IAM's prefixes by the names of the SDK's packages. */
const PREFIX: Readonly<Record<string, string>> = {
  'application-auto-scaling': 'application-autoscaling',
  'cloudwatch-logs': 'logs',
  'cognito-identity-provider': 'cognito-idp',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'resource-groups-tagging-api': 'tag',
  'route-53': 'route53',
  'secrets-manager': 'secretsmanager',
};

const src = join(import.meta.dirname, '../../src');

/** The calls that files of src import the commands of, as declarations write them. */
function sentBy(...places: readonly string[]): string[] {
  const files = places.flatMap((place) =>
    place.endsWith('.ts')
      ? [place]
      : readdirSync(join(src, place), { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)),
  );
  const sent = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(src, file), 'utf8');
    for (const [, imported = '', client = ''] of text.matchAll(
      /import\s*{([^}]*)}\s*from '@aws-sdk\/client-([a-z0-9-]+)'/g,
    ))
      for (const name of imported.split(',').map((item) => item.trim())) {
        const call = /^(?:paginate([A-Z]\w+)|([A-Z]\w+)Command)$/.exec(name);
        if (call) sent.add(`${PREFIX[client] ?? client} ${call[1] ?? call[2]}`);
      }
  }
  return [...sent].sort();
}

const all = (uses: readonly Use[]): string[] => [...new Set(uses.map(nameOf))].sort();

describe('what is declared', () => {
  it('of the kinds is what their files send, no more and no less', () => {
    const declared = withPrunedSubscriptions.flatMap(({ calls }) => Object.values(calls).flat());
    expect(all(declared)).toEqual(sentBy('resources'));
  });

  it('of a plan is what finds the hosted zone and our tags, and what the kinds observe with', () => {
    const declared = kinds.flatMap(({ calls }) => calls.observe);
    const own = all(planCalls).filter((call) => !all(declared).includes(call));
    expect(own).toEqual(sentBy('aws/context.ts', 'dns.ts'));
  });

  it('of leases is what they send', () => expect(all(LEASE_CALLS)).toEqual(sentBy('lease-object.ts')));

  it('of the deploys is what their files send, and what pushes an image', () => {
    const declared = all([...DEPLOY_BACKEND, ...DEPLOY_FRONTEND, ...ROLLBACK_FRONTEND]);
    // It reads values where the caller may, and no deploy needs that.
    const optional = ['secretsmanager GetSecretValue'];
    expect(sentBy('deploy').filter((call) => !declared.includes(call))).toEqual(optional);
    const elsewhere = [...sentBy('lease-object.ts'), ...sentBy('resources')];
    expect(declared.filter((call) => !sentBy('deploy').includes(call) && !elsewhere.includes(call))).toEqual([
      'ecr BatchCheckLayerAvailability',
      'ecr CompleteLayerUpload',
      'ecr InitiateLayerUpload',
      'ecr UploadLayerPart',
    ]);
  });
});
