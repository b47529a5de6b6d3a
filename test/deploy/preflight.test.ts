import { RDSClient, StartDBInstanceCommand, StopDBInstanceCommand } from '@aws-sdk/client-rds';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PushedImage, resolveImage } from '../../src/deploy/image.ts';
import { liveBackend } from '../../src/deploy/live.ts';
import { preflight } from '../../src/deploy/preflight.ts';
import { UserError } from '../../src/engine/errors.ts';
import type { Io } from '../../src/io.ts';
import type { Revision } from '../../src/resources/ecs/revision.ts';
import { type Account, openAccount } from '../../src/session.ts';
import { CONFIG, DOMAIN, refusing } from '../commands/parts.ts';
import { prepare, type Site, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';

const aws = await lab();
const shop = await site(CONFIG);
const secrets = new SecretsManagerClient({});
const VALUE = 'never-to-be-seen';
const IO: Io = {
  out: () => {},
  err: () => {},
  interactive: false,
  color: false,
  env: {},
  signal: new AbortController().signal,
  ask: async () => '',
  stdin: async () => '',
  attach: async () => 0,
};

let revision: Revision;
let image: PushedImage;
beforeAll(async () => {
  await prepare(shop, DOMAIN);
  await shop.run(['up', '--yes']);
  revision = (await liveBackend(await open())).revision;
  image = await pushed('amd64');
}, 240_000);
beforeEach(() => aws.clearCalls());
afterEach(() => aws.faults([]));

const open = ({ path }: Pick<Site, 'path'> = shop): Promise<Account> => openAccount({ config: path }, IO);
async function pushed(architecture: string): Promise<PushedImage> {
  await aws.set('image', { repository: 'shop-backend', tag: architecture, architecture });
  return resolveImage((await open()).contexts({ sweep: false }), 'shop-backend', architecture);
}

/** The revision with more in its container. */
const injecting = (values: Readonly<Record<string, string>>, more: object = {}): Revision => {
  const [container] = revision.definition.containerDefinitions ?? [];
  const injected = Object.entries(values).map(([name, valueFrom]) => ({ name, valueFrom }));
  const own = { ...container, secrets: [...(container?.secrets ?? []), ...injected] };
  return { ...revision, definition: { ...revision.definition, containerDefinitions: [own], ...more } };
};
const check = async (wanted = revision, account?: Account, of = image): Promise<readonly string[]> => {
  const who = account ?? (await open());
  return preflight(who, who.contexts({ sweep: false }), wanted, of);
};
/** What a person is told. */
async function told(work: Promise<readonly string[]>): Promise<string> {
  try {
    return [...(await work), 'passed'].join('\n');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.message, ...(error.fix ? [`  ${error.fix}`] : []), `exit ${error.exit}`].join('\n');
  }
}
const arnOf = (name: string): string => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
const parameter = (name: string): string => `arn:aws:ssm:us-east-1:123456789012:parameter/${name}`;
async function secret(name: string, value?: string): Promise<string> {
  return (await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }))).ARN ?? '';
}

describe('an environment as `up` left it', () => {
  it('passes, without a write and without reading a value', async () => {
    expect(await told(check())).toBe('passed');
    const calls = await aws.calls();
    expect(calls.filter(({ mutating }) => mutating)).toEqual([]);
    expect(calls.map(({ action }) => action)).not.toContain('GetSecretValue');
    const asked = calls.filter(({ action }) => action === 'GetParameters').map(({ params }) => params.WithDecryption);
    expect(asked).toEqual([false]);
  });
});

describe('a secret', () => {
  it('must exist', async () => {
    const wanted = injecting({ MAIL_KEY: arnOf('shop/mail'), OTHER: arnOf('team/other') });
    expect(await told(check(wanted))).toMatchInlineSnapshot(`
      "nothing was started, for 2 reasons:
        - MAIL_KEY: the secret shop/mail does not exist
          set it: \`tap secrets set mail\`
        - OTHER: the secret team/other does not exist
          set it in Secrets Manager, or correct backend.secrets in the config and run \`tap up\`
      exit 1"
    `);
  });

  it('of tap itself is made again by `up`', async () => {
    const missing = injecting({ AGAIN: arnOf('shop/jwt-secret-key') });
    expect(await told(check(missing))).toContain('`tap up` makes it again');
  });

  it('must not await its end', async () => {
    const arn = await secret('shop/leaving', VALUE);
    await secrets.send(new DeleteSecretCommand({ SecretId: arn }));
    expect(await told(check(injecting({ LEAVING: arn })))).toMatchInlineSnapshot(`
      "nothing was started: LEAVING: the secret shop/leaving was deleted and awaits its end
        restore it: aws secretsmanager restore-secret --secret-id shop/leaving --region us-east-1
      exit 1"
    `);
  });

  it('must have a value, in the version that is asked for', async () => {
    const [empty, full] = await Promise.all([secret('shop/empty'), secret('shop/full', VALUE)]);
    expect(await told(check(injecting({ EMPTY: empty })))).toMatchInlineSnapshot(`
      "nothing was started: EMPTY: the secret shop/empty has no value AWSCURRENT
        set it: \`tap secrets set empty\`
      exit 1"
    `);
    expect(await told(check(injecting({ FULL: full, STAGE: `${full}::AWSCURRENT:` })))).toBe('passed');
    const old = injecting({ OLD: `${full}::AWSPREVIOUS:`, GONE: `${full}:::0123456789abcdef0123456789abcdef` });
    expect(await told(check(old))).toMatchInlineSnapshot(`
      "nothing was started, for 2 reasons:
        - OLD: the secret shop/full has no value AWSPREVIOUS
          set it: \`tap secrets set full\`
        - GONE: the secret shop/full has no value 0123456789abcdef0123456789abcdef
          set it: \`tap secrets set full\`
      exit 1"
    `);
  });

  it('must have the JSON keys that are injected', async () => {
    const arn = await secret('shop/keys', JSON.stringify({ there: VALUE }));
    const text = await secret('shop/text', VALUE);
    expect(await told(check(injecting({ THERE: `${arn}:there::` })))).toBe('passed');
    const said = await told(
      check(injecting({ KEY: `${arn}:missing::`, PROTO: `${arn}:toString::`, TEXT: `${text}:any::` })),
    );
    expect(said).toMatchInlineSnapshot(`
      "nothing was started, for 3 reasons:
        - KEY: the secret shop/keys has no JSON key "missing"
          add the key to the secret, or correct backend.secrets in the config and run \`tap up\`
        - PROTO: the secret shop/keys has no JSON key "toString"
          add the key to the secret, or correct backend.secrets in the config and run \`tap up\`
        - TEXT: the secret shop/text has no JSON key "any"
          add the key to the secret, or correct backend.secrets in the config and run \`tap up\`
      exit 1"
    `);
    expect(said).not.toContain(VALUE);
  });

  it('is not opened by a caller who may not, who is told', async () => {
    const arn = await secret('shop/closed', JSON.stringify({ there: VALUE }));
    await aws.faults(refusing('secretsmanager', 'GetSecretValue', 'AccessDeniedException', 'no', 400));
    const wanted = injecting({ A: `${arn}:there::`, B: `${arn}:missing::`, C: `${arn}:there::` });
    expect(await told(check(wanted))).toMatchInlineSnapshot(`
      "not checked, as it needs secretsmanager:GetSecretValue: the key "there" of the secret shop/closed, the key "missing" of the secret shop/closed
      passed"
    `);
  });
});

describe('what else a task needs', () => {
  it('parameters, of which any number is asked for', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`P${i}`, parameter('shop/cognito/client-id')]),
    );
    expect(await told(check(injecting(many)))).toBe('passed');
    const missing = injecting({ ...many, WRONG: parameter('shop/wrong'), NAMED: '/shop/named' });
    expect(await told(check(missing))).toMatchInlineSnapshot(`
      "nothing was started, for 2 reasons:
        - WRONG: the parameter /shop/wrong does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
        - NAMED: the parameter /shop/named does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
      exit 1"
    `);
  });

  it('roles and a log group', async () => {
    const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
    const wanted = injecting({}, { executionRoleArn: role('shop-none'), taskRoleArn: role('path/shop-none-either') });
    const container = wanted.definition.containerDefinitions?.[0];
    Object.assign(container ?? {}, {
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/none' } },
    });
    expect(await told(check(wanted))).toMatchInlineSnapshot(`
      "nothing was started, for 3 reasons:
        - the role shop-none does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
        - the role shop-none-either does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
        - the log group /ecs/none does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
      exit 1"
    `);
  });

  it('an image for its platform', async () => {
    expect(await told(check(revision, undefined, await pushed('arm64')))).toMatchInlineSnapshot(`
      "nothing was started: the image is for linux/arm64, but the task definition runs X86_64 (linux/amd64)
        build it with --platform linux/amd64, or set backend.architecture to ARM64
      exit 1"
    `);
  });

  it('everything that is wrong is told at once', async () => {
    const wanted = injecting({ MAIL_KEY: arnOf('shop/mail'), WRONG: parameter('shop/wrong') });
    expect(await told(check(wanted, undefined, await pushed('arm64')))).toMatchInlineSnapshot(`
      "nothing was started, for 3 reasons:
        - the image is for linux/arm64, but the task definition runs X86_64 (linux/amd64)
          build it with --platform linux/amd64, or set backend.architecture to ARM64
        - MAIL_KEY: the secret shop/mail does not exist
          set it: \`tap secrets set mail\`
        - WRONG: the parameter /shop/wrong does not exist
          \`tap up\` makes it again; \`tap drift\` shows what else was changed by hand
      exit 1"
    `);
  });
});

describe('what a caller may not look at', () => {
  it('is named, and no reason to stop', async () => {
    await aws.faults(
      ['secretsmanager', 'ssm', 'iam', 'logs', 'rds'].flatMap((service) => [
        { service, kind: 'error' as const, code: 'AccessDeniedException', message: 'no', status: 400, times: 0 },
      ]),
    );
    expect(await told(check())).toMatchInlineSnapshot(`
      "not checked, as it needs secretsmanager:DescribeSecret: the secret shop/database-url, the secret shop/jwt-secret-key, the secret shop/cognito-client-secret
      not checked, as it needs ssm:GetParameters: the parameters /shop/cognito/user-pool-id and /shop/cognito/client-id and /shop/cognito/domain and /shop/cognito/redirect-uri
      not checked, as it needs iam:GetRole: the role shop-ecs-execution-role, the role shop-ecs-task-role
      not checked, as it needs logs:DescribeLogGroups: the log group /ecs/shop-backend
      not checked, as it needs secretsmanager:DescribeSecret and rds:DescribeDBInstances: whether DATABASE_URL is up to date
      passed"
    `);
  });

  it('is an error where AWS fails otherwise', async () => {
    await aws.faults([
      { service: 'ssm', action: 'GetParameters', kind: 'error', code: 'InternalFailure', status: 400, times: 0 },
    ]);
    await expect(check()).rejects.toThrow('checking the parameters /shop/cognito/');
  });
});

describe('DATABASE_URL', () => {
  it('is stale when the config writes it in another way', async () => {
    const other = await site({ ...CONFIG, database: { url: { query: { sslmode: 'verify-full' } } } });
    expect(await told(check(revision, await open(other)))).toMatchInlineSnapshot(`
      "nothing was started: DATABASE_URL is stale: it was made from a password, host or options that are no longer in force
        run \`tap up\` or \`tap db rotate\`: only these make it anew
      exit 1"
    `);
  });

  it('is of no use while the database is stopped', async () => {
    const id = { DBInstanceIdentifier: 'shop-db' };
    await new RDSClient({}).send(new StopDBInstanceCommand(id));
    expect(await told(check())).toMatchInlineSnapshot(`
      "nothing was started: the database shop-db is stopped
        start it: aws rds start-db-instance --db-instance-identifier shop-db --region us-east-1
      exit 1"
    `);
    await new RDSClient({}).send(new StartDBInstanceCommand(id));
    expect(await told(check())).toBe('passed');
  });

  it('is stale when the password has changed, until `up` makes it anew', async () => {
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
    const managed = SecretList.find(({ OwningService }) => OwningService === 'rds');
    await secrets.send(new RotateSecretCommand({ SecretId: managed?.ARN }));
    expect(await told(check())).toMatchInlineSnapshot(`
      "nothing was started: DATABASE_URL is stale: it was made from a password, host or options that are no longer in force
        run \`tap up\` or \`tap db rotate\`: only these make it anew
      exit 1"
    `);
    await shop.run(['up', '--yes']);
    revision = (await liveBackend(await open())).revision;
    expect(await told(check())).toBe('passed');
  });
});
