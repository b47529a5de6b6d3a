import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE } from '../../src/environment/ci.ts';
import { CONFIG, changes, expectClear, refusing } from '../commands/parts.ts';
import { site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { oidcProvider, REQUEST_TOKEN, SIGNATURE } from './github-job.ts';

const aws = await lab();
const { job, answer } = await oidcProvider();
const shop = await site(CONFIG);
const MAIN = 'repo:example-org/shop:ref:refs/heads/main';
const PULL = 'repo:example-org/shop:pull_request';
const GITHUB = 'token.actions.githubusercontent.com';

/** A role as `up` makes it, or as somebody changed it by hand. */
async function role(name: string, subjects: readonly string[], operator = 'StringEquals', aud: string = AUDIENCE) {
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${GITHUB}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${GITHUB}:aud`]: aud },
          [operator]: { [`${GITHUB}:aud`]: aud, [`${GITHUB}:sub`]: subjects },
        },
      },
    ],
  };
  const AssumeRolePolicyDocument = JSON.stringify(trust);
  await new IAMClient({}).send(
    new CreateRoleCommand({ RoleName: `shop-github-${name}-role`, AssumeRolePolicyDocument }),
  );
}

const roles = async (): Promise<void> => {
  await role('actions', [MAIN]);
  await role('plan', [PULL, MAIN]);
};
const run = async (claims: Record<string, string>, exit: number, args: string[] = []) =>
  shop.run(['doctor', 'ci', ...args], { env: job(claims), exit });
/** The causes that the needed role tells, with what to do. */
const why = async (claims: Record<string, string>): Promise<string> =>
  (await run(claims, 1)).out
    .split('\n')
    .filter((line) => /^ {2}- |^ {4}→ /.test(line))
    .join('\n');

beforeEach(() => aws.reset());
afterEach(() => {
  expect(shop.said()).not.toContain(REQUEST_TOKEN);
  expect(shop.said()).not.toContain(SIGNATURE);
});

describe('doctor ci, compared with the live trust policy', () => {
  beforeEach(roles);

  it('says that the token opens both roles, and only reads', async () => {
    await aws.clearCalls();
    expect((await run({}, 0)).out).toMatchInlineSnapshot(`
      "claims of this job's token
        sub         repo:example-org/shop:ref:refs/heads/main
        aud         sts.amazonaws.com
        iss         https://token.actions.githubusercontent.com
        repository  example-org/shop (id 456789, owner id 123456)
        event       push

      shop-github-actions-role (deploys) lets it in
        compared with the live trust policy
        trusts repo:example-org/shop:ref:refs/heads/main

      shop-github-plan-role (plans) lets it in
        compared with the live trust policy
      "
    `);
    expect(await changes(aws)).toEqual([]);
  });

  it('needs only the role that plans in a pull request', async () => {
    expect((await run({ sub: PULL, event_name: 'pull_request' }, 0)).out).toMatchInlineSnapshot(`
      "claims of this job's token
        sub         repo:example-org/shop:pull_request
        aud         sts.amazonaws.com
        iss         https://token.actions.githubusercontent.com
        repository  example-org/shop (id 456789, owner id 123456)
        event       pull_request

      shop-github-actions-role (deploys) does not let it in, and such a job does not need it
        compared with the live trust policy

      shop-github-plan-role (plans) lets it in
        compared with the live trust policy
        trusts repo:example-org/shop:pull_request
        trusts repo:example-org/shop:ref:refs/heads/main
      "
    `);
  });

  it('explains a refusal as data as well', async () => {
    const { out } = await run({ sub: 'repo:example-org/shop:ref:refs/heads/next' }, 1, ['--json']);
    expect(JSON.parse(out)).toMatchObject({
      ...{ type: 'result', command: 'doctor ci', exit: 1, needed: 'deploy' },
      claims: {
        sub: 'repo:example-org/shop:ref:refs/heads/next',
        aud: AUDIENCE,
        repositoryId: '456789',
        ownerId: '123456',
      },
      roles: [
        {
          role: 'deploy',
          opens: false,
          trust: { from: 'the live trust policy' },
          causes: [{ problem: 'the job runs on the branch next, and the config trusts main' }],
        },
        { role: 'plan', opens: false, causes: [] },
      ],
    });
  });

  it.each<[string, Record<string, string>]>([
    ['another branch', { sub: 'repo:example-org/shop:ref:refs/heads/feature/x:y' }],
    ['a tag', { sub: 'repo:example-org/shop:ref:refs/tags/v1' }],
    ['an environment', { sub: 'repo:example-org/shop:environment:production' }],
    ['ids in the subject', { sub: 'repo:example-org@123456/shop@456789:ref:refs/heads/main' }],
    ['a template of the organization', { sub: 'repository_owner:example-org:job_workflow_ref:example-org/x' }],
    ['a template that begins like the default', { sub: 'repo:example-org/shop:job_workflow_ref:x' }],
    ['another audience', { aud: 'https://github.com/example-org' }],
    ['another issuer', { iss: `https://${GITHUB}/example-enterprise` }],
    ['another case', { sub: 'repo:Example-Org/shop:ref:refs/heads/main', repository: 'Example-Org/shop' }],
    ['another repository', { sub: 'repo:example-org/store:ref:refs/heads/main', repository: 'example-org/store' }],
    ['another repository and branch', { sub: 'repo:else/shop-2:ref:refs/heads/dev' }],
  ])('%s', async (_name, claims) => {
    expect(await why(claims)).toMatchSnapshot();
  });
});

describe('doctor ci, where config and AWS differ', () => {
  it('tells that up has not been run since the config changed', async () => {
    await role('actions', ['repo:example-org/old:ref:refs/heads/main']);
    await role('plan', [PULL, MAIN]);
    expect(await why({})).toMatchInlineSnapshot(`
      "  - the config trusts repo:example-org/shop:ref:refs/heads/main, and the role in AWS does not yet, or not any more
          → run \`tap up\`"
    `);
  });

  it('tells an audience that was changed by hand', async () => {
    await role('actions', [MAIN], 'StringEquals', 'mine');
    expect(await why({})).toMatchInlineSnapshot(`
      "  - the token is made for the audience sts.amazonaws.com, and the role takes mine
          → leave \`audience\` of aws-actions/configure-aws-credentials at its default; \`tap drift\` shows a trust policy that was changed by hand
        - there is no role shop-github-plan-role in the account of these credentials
          → run \`tap up\` there first"
    `);
  });

  it('knows that wildcards count for StringLike only', async () => {
    await role('actions', ['repo:example-org/shop:*']);
    await role('plan', ['repo:example-org/shop:*'], 'StringLike');
    await run({}, 1);
    await run({ sub: PULL }, 0);
  });

  it('does not judge conditions that tap never writes', async () => {
    await role('actions', [MAIN], 'ForAnyValue:StringLike');
    expect((await why({})).split('\n')[0]).toMatchInlineSnapshot(
      `"  - the trust policy asks for more than tap writes, and tap cannot judge it: ForAnyValue:StringLike token.actions.githubusercontent.com:aud, ForAnyValue:StringLike token.actions.githubusercontent.com:sub"`,
    );
  });

  it('knows a renamed repository by its id', async () => {
    await roles();
    const ids = { ownerId: '123456', repositoryId: '456789' };
    const renamed = await site({ ...CONFIG, github: { repository: 'example-org/old-shop', ...ids } });
    const env = job({ sub: 'repo:example-org@123456/new-shop@456789:ref:refs/heads/main' });
    const { out } = await renamed.run(['doctor', 'ci'], { env, exit: 1 });
    expect(out).toContain('the repository example-org/old-shop is called example-org/new-shop now');
    expect(out).toContain('"github": { "repository": "example-org/new-shop" }');
  });

  it('tells other ids: a repository that was made anew under the old name', async () => {
    await roles();
    const anew = await site({ ...CONFIG, github: { ...CONFIG.github, ownerId: '1', repositoryId: '2' } });
    const env = job({ sub: 'repo:example-org@123456/shop@456789:ref:refs/heads/main' });
    expect((await anew.run(['doctor', 'ci'], { env, exit: 1 })).out).toContain(
      'the ids of owner and repository are 123456 and 456789, and the config has 1 and 2',
    );
  });

  it('tells a role that is not there yet', async () => {
    expect(await why({})).toMatchInlineSnapshot(`
      "  - there is no role shop-github-actions-role in the account of these credentials
          → run \`tap up\` there first
        - there is no role shop-github-plan-role in the account of these credentials
          → run \`tap up\` there first"
    `);
  });
});

describe('doctor ci, compared with the config', () => {
  it('without the right to read the role', async () => {
    await aws.faults(refusing('iam', 'GetRole', 'AccessDenied', 'no'));
    expect((await run({}, 0)).out).toContain(
      'compared with what the config says: these credentials may not read the role (iam:GetRole on shop-github-actions-role)',
    );
  });

  it('without credentials, as before the first step that assumes the role', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    try {
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
      expect((await run({}, 0)).out).toContain('what the config says: there are no AWS credentials here');
      expect(await why({ sub: 'repo:example-org/shop:environment:production' })).toContain(
        '"github": { "environments": ["production"] } in the config',
      );
    } finally {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    }
  });
});

describe('doctor ci without a token', () => {
  const refused = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const result = await shop.run(['doctor', 'ci'], { env, exit: 1 });
    expectClear(result);
    return result.err;
  };

  it('outside a job', async () => {
    expect(await refused({})).toMatchInlineSnapshot(`
      "this is no job of GitHub Actions, so there is no token to look at
        run \`tap doctor ci\` as a step of the job that cannot assume the role
      "
    `);
  });

  it('without the permission', async () => {
    expect(await refused({ GITHUB_ACTIONS: 'true' })).toMatchInlineSnapshot(`
      "this job may not ask for a token: permissions: id-token: write is missing
        add to the job (and, for a reusable workflow, to the job that calls it):
            permissions:
              contents: read
              id-token: write
      ::error title=tap::this job may not ask for a token: permissions: id-token: write is missing%0Aadd to the job (and, for a reusable workflow, to the job that calls it):%0A      permissions:%0A        contents: read%0A        id-token: write
      "
    `);
  });

  it('in a pull request from a fork', async () => {
    const path = join(shop.path, '..', 'event.json');
    await writeFile(path, JSON.stringify({ pull_request: { head: { repo: { full_name: 'else/shop' } } } }));
    const env = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'example-org/shop', GITHUB_EVENT_PATH: path };
    expect(await refused(env)).toMatchInlineSnapshot(`
      "this pull request comes from a fork, and GitHub gives such jobs no token
        that protects the account: run \`tap validate\` for forks, and \`tap plan\` only for branches of the repository
      ::error title=tap::this pull request comes from a fork, and GitHub gives such jobs no token%0Athat protects the account: run \`tap validate\` for forks, and \`tap plan\` only for branches of the repository
      "
    `);
  });

  it.each([
    [500, 'x', 'GitHub gives the job no token: HTTP 500'],
    [200, `{"value":"a.${REQUEST_TOKEN}.b"}`, 'GitHub gives the job no token: its answer is no token'],
    [200, 'x', 'GitHub gives the job no token: its answer is no token'],
  ])('when GitHub answers %i %s', async (status, body, text) => {
    const env = job();
    answer(status, body);
    expect(await refused(env)).toContain(text);
  });
});
