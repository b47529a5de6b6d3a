import type { Change, Plan } from '../../src/engine/plan.ts';
import { Unknown } from '../../src/engine/ref.ts';
import type { Io } from '../../src/io.ts';
import type { PlanFor } from '../../src/render/plan.ts';

export const ABOUT: PlanFor = { project: 'tap', env: 'default', account: '123456789012', region: 'us-east-1' };

export const change = (id: string, more: Partial<Change> = {}): Change => ({
  id,
  kind: id.split('/')[0] ?? '',
  name: `tap-${id.split('/')[1]}`,
  action: 'create',
  cause: 'new',
  differences: [],
  ...more,
});

export const planOf = (more: Partial<Plan> = {}): Plan => ({
  changes: [],
  removals: [],
  kept: [],
  notChecked: [],
  unchanged: 0,
  ...more,
});

/** One of everything. */
export const FULL = planOf({
  changes: [
    change('vpc/main'),
    change('alarm/cpu', {
      action: 'update',
      cause: 'drift',
      effect: 'in place',
      ref: 'tap-cpu',
      differences: [
        { path: 'threshold', before: 90, after: 80 },
        { path: 'actions', before: ['a', 'b'], after: ['b', 'c'] },
        { path: 'unit', before: 'Percent', after: null },
        { path: 'topic', before: undefined, after: new Unknown('topic/alerts.arn') },
      ],
    }),
    change('db-instance/main', {
      action: 'update',
      cause: 'config',
      effect: 'outage',
      ref: 'tap-db',
      differences: [{ path: 'instanceClass', before: 'db.t4g.micro', after: 'db.t4g.small' }],
    }),
    change('nat-gateway/a', {
      action: 'replace',
      cause: 'follows',
      effect: 'outage',
      open: true,
      ref: 'nat-1',
      reason: 'subnetId cannot be changed',
      differences: [{ path: 'subnetId', before: 'subnet-1', after: new Unknown('subnet/a.id') }],
    }),
    change('bucket/files', {
      action: 'refuse',
      reason: 'tap-files already exists and it was not made by tap',
      fix: 'to take it over: --adopt bucket/files; or choose another name in tap.config.json',
    }),
    change('certificate-validation/site', {
      action: 'wait',
      ref: 'arn:cert',
      reason: 'its DNS record is missing',
      fix: 'make this record:\n  _x.example.com CNAME _y.acm-validations.aws.',
    }),
    change('listener/https', { blockedBy: 'certificate-validation/site' }),
    change('topic/alerts', { action: 'adopt', ref: 'arn:topic', effect: 'in place' }),
  ],
  removals: [
    { id: 'alarm/old', kind: 'alarm', ref: 'tap-old', cause: 'orphan' },
    { id: 'vpc/main', kind: 'vpc', ref: 'vpc-2', cause: 'superseded' },
  ],
  kept: [{ id: 'bucket/old', kind: 'bucket', ref: 'tap-old-files', cause: 'orphan' }],
  notChecked: [{ id: 'role/ci', attribute: 'trust', reason: 'needs iam:GetRole' }],
  unchanged: 70,
});

/** Captures what is written. */
export function capture(more: Partial<Io> = {}) {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    color: false,
    env: {},
    ask: () => Promise.reject(new Error('nobody is there')),
    stdin: async () => '',
    attach: async () => 0,
    signal: new AbortController().signal,
    ...more,
  };
  return {
    io,
    get out() {
      return out;
    },
    get err() {
      return err;
    },
  };
}
