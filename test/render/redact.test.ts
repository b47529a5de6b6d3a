import { expect, it } from 'vitest';
import { Unknown } from '../../src/engine/ref.ts';
import { redacted } from '../../src/render/redact.ts';
import { change, planOf } from './parts.ts';

const hidden = (path: string, before: unknown, after: unknown = 'x'): unknown => {
  const plan = planOf({ changes: [change('task-definition/backend', { differences: [{ path, before, after }] })] });
  return redacted(plan).changes[0]?.differences[0];
};

it('hides what looks like a secret, at any depth, before and after', () => {
  const token = `ghp_${'a1B2'.repeat(9)}`;
  const container = {
    environment: [
      { name: 'API_KEY', value: 'q8Zt4nWx2LpK7' },
      { name: 'LEVEL', value: 'debug' },
    ],
    command: ['run', `--token=${token}`],
  };
  expect(hidden('container', container, token)).toEqual({
    path: 'container',
    before: {
      environment: [
        { name: 'API_KEY', value: '***' },
        { name: 'LEVEL', value: 'debug' },
      ],
      command: ['run', '***'],
    },
    after: '***',
  });
  expect(hidden('settings.API_TOKEN', 'q8Zt4nWx2LpK7')).toMatchObject({ before: '***' });
});

it('leaves all else as it is', () => {
  const values = ['10.0.0.0/16', 5, true, null, undefined, { a: ['arn:aws:iam::123456789012:role/tap'] }];
  for (const value of values) expect(hidden('attribute', value)).toMatchObject({ before: value });
  expect(hidden('vpcId', 'vpc-1', new Unknown('vpc/main.id'))).toMatchObject({ after: new Unknown('vpc/main.id') });
});
