import { describe, expect, it } from 'vitest';
import { site } from '../e2e/tap.ts';
import { list } from '../environment/evaluate.ts';
import { lab } from '../lab.ts';
import { CONFIG, expectClear } from './parts.ts';

const aws = await lab();
const ACCOUNT = '123456789012';
const shop = await site(CONFIG);

interface Policy {
  readonly Version: string;
  readonly Statement: readonly { readonly Action: string | string[]; readonly Resource: string | string[] }[];
}
const policiesOf = (out: string): Policy[] => [JSON.parse(out) as Policy | Policy[]].flat();
const actionsIn = (out: string): string[] =>
  policiesOf(out).flatMap(({ Statement }) => Statement.flatMap(({ Action }) => list(Action)));
const here = ['--account', ACCOUNT];
const actions = async (...args: string[]): Promise<string[]> =>
  actionsIn((await shop.run(['iam-policy', ...args, ...here])).out);

describe('tap iam-policy', () => {
  it('prints one document that IAM takes, the same with --json', async () => {
    const { out, err } = await shop.run(['iam-policy', 'migrate', ...here]);
    expect(policiesOf(out)).toMatchObject([{ Version: '2012-10-17' }]);
    expect(err).toBe('');
    expect((await shop.run(['iam-policy', 'migrate', ...here, '--json'])).out).toBe(out);
  });

  it('names what the config and the account name', async () => {
    const { out } = await shop.run(['iam-policy', 'deploy-frontend', ...here]);
    const resources = policiesOf(out).flatMap(({ Statement }) => Statement.flatMap(({ Resource }) => list(Resource)));
    expect([...new Set(resources)].sort()).toMatchInlineSnapshot(`
      [
        "*",
        "arn:aws:cloudfront::123456789012:distribution/*",
        "arn:aws:s3:::shop-spa-123456789012",
        "arn:aws:s3:::shop-spa-123456789012/*",
        "arn:aws:s3:::shop-state-123456789012",
        "arn:aws:s3:::shop-state-123456789012/lease/*",
        "arn:aws:s3:::shop-state-123456789012/releases/*",
        "arn:aws:ssm:us-east-1:123456789012:parameter/shop/cognito/client-id",
        "arn:aws:ssm:us-east-1:123456789012:parameter/shop/cognito/domain",
        "arn:aws:ssm:us-east-1:123456789012:parameter/shop/cognito/redirect-uri",
        "arn:aws:ssm:us-east-1:123456789012:parameter/shop/cognito/user-pool-id",
      ]
    `);
  });

  it('is for up when it is not told for what, in as many documents as managed policies need', async () => {
    const { out, err } = await shop.run(['iam-policy', ...here]);
    const all = policiesOf(out);
    expect(all.length).toBeGreaterThan(1);
    for (const policy of all) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6_144);
    expect(err).toMatch(/^\d documents, in a list: .* --part 1 to --part \d\. All of them are needed\.$/m);
    expect((await shop.run(['iam-policy', 'up', ...here])).out).toBe(out);
    const parts = await Promise.all(
      all.map((_policy, i) => shop.run(['iam-policy', 'up', '--part', String(i + 1), ...here])),
    );
    expect(parts.map((part) => JSON.parse(part.out))).toEqual(all);
  });

  it('asks AWS nothing when the account is given, else who calls and where the zone is', async () => {
    await aws.clearCalls();
    await shop.run(['iam-policy', 'plan', ...here]);
    expect(await aws.calls()).toEqual([]);
    await shop.run(['iam-policy', 'plan']);
    expect((await aws.calls()).map(({ action }) => action).sort()).toEqual([
      'GetCallerIdentity',
      'ListHostedZonesByName',
    ]);
  });

  it('has what this config makes, and no more', async () => {
    const up = await actions('up');
    expect(up).toEqual(expect.arrayContaining(['cognito-idp:CreateIdentityProvider', 'ec2:CreateNatGateway']));
    expect(up).not.toContain('cloudfront:CreateFunction');
    const less = await site({ ...CONFIG, auth: { google: false }, network: { nat: 'none' } });
    const { out } = await less.run(['iam-policy', 'up', ...here]);
    const fewer = actionsIn(out);
    expect(fewer).not.toContain('cognito-idp:CreateIdentityProvider');
    expect(fewer).not.toContain('ec2:CreateNatGateway');
    // What an earlier config has made may have to go.
    expect(fewer).toContain('ec2:DeleteNatGateway');
  });

  it('reads no secret for a plan, and writes nothing; destroy creates nothing', async () => {
    for (const action of await actions('plan')) expect(action).toMatch(/^[a-z0-9-]+:(Describe|Get|List)/);
    expect(await actions('plan')).not.toContain('secretsmanager:GetSecretValue');
    for (const command of ['deploy-backend', 'deploy-frontend', 'migrate', 'destroy'])
      expect(await actions(command)).not.toContain('secretsmanager:GetSecretValue');
    const made = (await actions('destroy')).filter((action) => /:(Create|Run|Register|Allocate|Request)/.test(action));
    expect(made).toEqual(['rds:CreateDBSnapshot']);
  });

  it('changes no record of a name that is not the domain’s', async () => {
    const { out } = await shop.run(['iam-policy', 'up', ...here]);
    const records = policiesOf(out)
      .flatMap(({ Statement }) => Statement)
      .find(({ Action }) => list(Action).includes('route53:ChangeResourceRecordSets'));
    expect(records).toMatchObject({
      Condition: {
        'ForAllValues:StringLike': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['shop.example.com', '*.shop.example.com'],
        },
      },
    });
    const elsewhere = await site({ ...CONFIG, dns: { hostedZone: false } });
    expect(actionsIn((await elsewhere.run(['iam-policy', 'up', ...here])).out)).not.toContain(
      'route53:ChangeResourceRecordSets',
    );
  });

  it.each([
    [['iam-policy', 'apply', ...here], 'there is no policy for "apply"'],
    [['iam-policy', 'plan', '--part', '9', ...here], 'there is no part 9: the policy of plan has 1'],
    [['iam-policy', '--account', '123'], 'an account id has 12 digits'],
  ])('refuses %j', async (args, why) => {
    const run = await shop.run(args, { exit: 2 });
    expectClear(run);
    expect(run.err).toContain(why);
  });

  it('refuses another account than the one that the config is pinned to', async () => {
    const pinned = await site({ ...CONFIG, account: '999999999999' });
    const run = await pinned.run(['iam-policy', ...here], { exit: 2 });
    expectClear(run);
    expect(run.err).toContain('pinned to account 999999999999');
  });
});
