import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { alarms, topic } from '../../src/environment/monitoring.ts';
import { ACCOUNT, envOf, known } from './documents.ts';
import { allows, type Document } from './evaluate.ts';

describe('monitoring', () => {
  const build = (more: object): Graph => {
    const [graph, env] = [new Graph('tap'), envOf(more)];
    const full = { id: '', out: { fullName: known('app/tap-alb/1') } };
    alarms(graph, env, {
      topic: topic(graph, env),
      loadBalancer: full,
      targetGroup: { id: '', out: { fullName: known('targetgroup/tap-tg/2') } },
      certificate: { out: { arn: known('arn:aws:acm:us-east-1:123456789012:certificate/c') } },
    });
    return graph;
  };

  it('tells the composite alarm, the database and the certificate, and not the two halves of the composite', () => {
    const told = Object.entries(build({}).declared()).map(([id, { spec }]) => [
      id,
      (spec as { alarmActions?: [] }).alarmActions?.length,
    ]);
    expect(told).toEqual([
      ['topic/alerts', undefined],
      ['metric-alarm/backend-response-time', 0],
      ['metric-alarm/backend-unhealthy-hosts', 0],
      ['composite-alarm/backend-unhealthy', 1],
      ['metric-alarm/database-cpu', 1],
      ['metric-alarm/database-free-storage', 1],
      ['metric-alarm/certificate-expiry', 1],
    ]);
  });

  it('takes thresholds from the config', () => {
    const monitoring = {
      responseTimeSeconds: 2,
      databaseCpuPercent: 70,
      databaseFreeStorageGb: 3,
      certificateDaysLeft: 20,
    };
    const specs = Object.values(build({ monitoring }).declared()).map(({ spec }) => spec as { threshold?: number });
    expect(specs.flatMap(({ threshold }) => threshold ?? [])).toEqual([2, 0, 70, 3 * 1024 ** 3, 20]);
  });

  it('can do without alarms, and subscribes the addresses all the same', () => {
    const graph = build({ monitoring: { alarms: false, emails: ['ops@example.com'] } });
    expect([...graph.nodes.values()].map(({ id, name }) => [id, name])).toEqual([
      ['topic/alerts', 'tap-alerts'],
      ['subscription/ops@example.com', 'tap-alerts/ops@example.com'],
    ]);
  });

  it('lets only alarms of this account publish', () => {
    const spec = build({}).nodes.get('topic/alerts')?.spec as { policy?: Document } | undefined;
    const document = spec?.policy ?? { Statement: [] };
    const ask = (account: string): boolean =>
      allows(document, {
        action: 'sns:Publish',
        resource: `arn:aws:sns:us-east-1:${ACCOUNT}:tap-alerts`,
        context: { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:cloudwatch:us-east-1:${account}:alarm:x` },
      });
    expect([ask(ACCOUNT), ask('999999999999')]).toEqual([true, false]);
  });
});
