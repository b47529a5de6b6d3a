import { expect, it, vi } from 'vitest';
import { awscheck } from '../e2e/tap.ts';
import { ACCOUNT, documents, envOf } from '../environment/documents.ts';
import { allows } from '../environment/evaluate.ts';
import { lab } from '../lab.ts';
import { DOMAIN } from '../resources/cloudfront/parts.ts';
import { app, siteLab } from './site-lab.ts';

vi.setConfig({ testTimeout: 120_000 });
const aws = await lab();

it('takes no call that AWS would refuse, and none that the role of the workflow may not make', async () => {
  const shop = await siteLab(aws, { retain: { releases: 1, days: 0 } });
  const check = await awscheck(aws.endpoint);
  process.env.AWS_ENDPOINT_URL = check.endpoint;
  await aws.clearCalls();
  await shop.deploy(app('A', { 'about us/ü+1.html': 'about', 'logo@2x.png': '' }));
  await shop.deploy(app('B', { 'logo@2x.png': 'new' }));
  await shop.deploy(app('B', { 'logo@2x.png': 'newer' }), { args: ['--verify'] });
  await shop.deploy(app('B', { 'logo@2x.png': 'newer' }));
  await shop.run(['rollback', 'frontend']);
  process.env.AWS_ENDPOINT_URL = aws.endpoint;
  const { text, violations } = await check.report();
  expect(violations, text).toBe(false);

  const env = envOf({ project: 'shop', domain: DOMAIN });
  const policy = documents(env).policy[env.names.roles.githubActions];
  if (!policy) throw new Error('the role has no policy');
  const denied = (await aws.calls())
    .filter(({ service }) => service !== 'sts')
    .flatMap(({ service, action, params }) => needs(service, action, params))
    .filter(([action, resource]) => !allows(policy, { action, resource }));
  expect(denied).toEqual([]);
});

/** Which rights a call takes ("Actions, resources, and condition keys" of the service). */
function needs(service: string, action: string, params: Record<string, unknown>): [string, string][] {
  if (service === 'cloudfront')
    return [
      [`cloudfront:${action}`, action === 'ListDistributions' ? '*' : `arn:aws:cloudfront::${ACCOUNT}:distribution/E1`],
    ];
  const bucket = `arn:aws:s3:::${String(params.Bucket)}`;
  const object = `${bucket}/${String(params.Key ?? 'key')}`;
  if (action === 'ListObjectsV2') return [['s3:ListBucket', bucket]];
  if (action === 'DeleteObjects') return [['s3:DeleteObject', object]];
  if (action === 'HeadObject') return [[params.VersionId ? 's3:GetObjectVersion' : 's3:GetObject', object]];
  if (action === 'CopyObject')
    return [
      ['s3:GetObjectVersion', object],
      ['s3:PutObject', object],
    ];
  return [[`${service}:${action}`, object]];
}
