import { describe, expect, it } from 'vitest';
import { type Estimate, estimate } from '../../src/cost/estimate.ts';
import type { AnyObserved } from '../../src/engine/kind.ts';
import { environment } from '../../src/environment/index.ts';
import { costMarkdown, costText } from '../../src/render/cost.ts';
import { envOf } from '../environment/documents.ts';

const object = (kind: string, id: string, attrs: object, more: Partial<AnyObserved> = {}): [string, AnyObserved] => [
  kind,
  { ref: 'x', attrs, out: {}, tags: { 'tap:id': id }, health: { state: 'ready' }, raw: undefined, ...more },
];
function cost(config: object, objects: readonly [string, AnyObserved][] = [], region = 'us-east-1'): Estimate {
  const env = envOf({ bedrock: { models: [] }, ...config }, region);
  const observations = new Map<string, AnyObserved[]>();
  for (const [kind, one] of objects) observations.set(kind, [...(observations.get(kind) ?? []), one]);
  return estimate(environment(env).graph, observations, {
    region,
    desiredCount: env.config.backend.desiredCount,
    isOurs: ({ tags }) => tags['tap:id'] !== 'foreign',
  });
}
const after = (estimated: Estimate, id: string): number | undefined =>
  estimated.lines.find((line) => line.id === id)?.after;

it('tells the specification, resource by resource', () => {
  expect(costText(cost({}))).toMatchInlineSnapshot(`
    "Cost: about $0.00 → $85.82 a month (list prices of us-east-1, 2026-11; usage not included)
      elastic-ip/nat-1                      $0.00  →  $3.65
      nat-gateway/nat-1                     $0.00  →  $32.85
      db-instance/db                        $0.00  →  $14.38
      secret/database-url                   $0.00  →  $0.40
      generated-secret/jwt-secret-key       $0.00  →  $0.40
      secret/cognito-client-secret          $0.00  →  $0.40
      load-balancer/api                     $0.00  →  $23.73
      service/backend                       $0.00  →  $9.01
      metric-alarm/backend-response-time    $0.00  →  $0.10
      metric-alarm/backend-unhealthy-hosts  $0.00  →  $0.10
      composite-alarm/backend-unhealthy     $0.00  →  $0.50
      metric-alarm/database-cpu             $0.00  →  $0.10
      metric-alarm/database-free-storage    $0.00  →  $0.10
      metric-alarm/certificate-expiry       $0.00  →  $0.10"
  `);
});

it('is the sum of its lines', () => {
  const { lines, after } = cost({});
  expect(after).toBeCloseTo(lines.reduce((sum, line) => sum + line.after, 0));
});

describe('follows the config:', () => {
  it('a NAT gateway and its address per zone, or none', () => {
    const ids = (nat: string): string[] =>
      cost({ network: { nat } }).lines.flatMap(({ id }) => (/^(nat|elastic)/.test(id) ? [id] : []));
    expect([ids('none').length, ids('single').length, ids('per-az').length]).toEqual([0, 2, 4]);
  });

  it('class, storage and standby of the database', () => {
    const database = { instanceClass: 'db.t4g.small', storageGb: 100, multiAz: true };
    // (0.032 x 730 + 100 x 0.115) x 2, and its secret
    expect(after(cost({ database }), 'db-instance/db')).toBe(70.12);
  });

  it('size, number and architecture of the tasks', () => {
    const backend = { cpu: 1024, memory: 2048, desiredCount: 3 };
    expect(after(cost({ backend }), 'service/backend')).toBe(108.12);
    expect(after(cost({ backend: { ...backend, architecture: 'ARM64' } }), 'service/backend')).toBe(86.51);
  });

  it('the region, about', () => {
    expect(cost({}, [], 'sa-east-1').after).toBeGreaterThan(cost({}).after * 1.5);
  });
});

it('says what it does not know', () => {
  const text = costText(cost({ database: { instanceClass: 'db.x2g.large' } }, [], 'me-central-1'));
  expect(text).toContain('without db-instance/db, not in the table');
  expect(text).toContain('list prices of us-east-1 (those of me-central-1 are not in the table)');
});

describe('before', () => {
  it('counts what is there: also orphans, not what is leaving or foreign', () => {
    const { before, lines } = cost({}, [
      object('nat-gateway', 'nat-gateway/gone-from-config', {}),
      object('nat-gateway', 'nat-gateway/leaving', {}, { health: { state: 'leaving' } }),
      object('nat-gateway', 'foreign', {}),
    ]);
    expect(before).toBe(32.85);
    expect(lines.find(({ id }) => id === 'nat-gateway/gone-from-config')).toMatchObject({ before: 32.85, after: 0 });
  });

  it('is as after, for a service that waits for its first deploy', () => {
    const { lines } = cost({}, [
      object('service', 'service/backend', { desiredCount: 0 }),
      object('task-definition', 'task-definition/backend', { cpu: '256', memory: '512' }),
    ]);
    expect(lines.find(({ id }) => id === 'service/backend')).toMatchObject({ before: 9.01, after: 9.01 });
  });
});

it('is a table in a comment, and one line when nothing changes', () => {
  const change = {
    prices: '2026-11',
    region: 'us-east-1',
    unknownRegion: false,
    before: 10,
    after: 43.5,
    unpriced: [],
  };
  const lines = [
    { id: 'secret/a', before: 10, after: 10 },
    { id: 'nat-gateway/b', before: 0, after: 33.5 },
  ];
  expect(costMarkdown({ ...change, lines })).toMatchInlineSnapshot(`
    "**Cost: about $10.00 → $43.50 a month** (list prices of us-east-1, 2026-11; usage not included)

    <details><summary>By resource</summary>

    | resource | before | after |
    |---|--:|--:|
    | \`nat-gateway/b\` | $0.00 | $33.50 |

    </details>"
  `);
  expect(costMarkdown({ ...change, after: 10, lines: lines.slice(0, 1) })).toMatchInlineSnapshot(
    `"**Cost: about $10.00 a month** (list prices of us-east-1, 2026-11; usage not included)"`,
  );
});
