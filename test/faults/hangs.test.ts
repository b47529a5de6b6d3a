// Whole commands against an AWS that never answers one kind of call, or always throttles it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, expect, it, vi } from 'vitest';
import type { Call } from '../../src/aws/clients.ts';
import { LIMITS } from '../../src/aws/limits.ts';
import type { Clock } from '../../src/engine/clock.ts';
import type { Fault } from '../../src/local/control.ts';
import { CONFIG, DOMAIN } from '../commands/parts.ts';
import { prepare, type Run, site } from '../e2e/tap.ts';
import { lab } from '../lab.ts';
import { fakeClock } from '../world.ts';

vi.setConfig({ testTimeout: 240_000 });

const aws = await lab();
const shop = await site(CONFIG);
afterEach(() => aws.faults([]));

/** Milliseconds that a call is let hang here, instead of the program's own. */
const HERE = 300;

/** Time that passes when somebody sleeps, and with hung calls as it would with the program's own limits. */
function timeOf(struck: readonly Call[]): Clock {
  const { now, sleep } = fakeClock();
  const hung = ({ error, operation }: Call): number =>
    error !== 'TimeoutError' ? 0 : /^Create/.test(operation) ? LIMITS.request : LIMITS.total;
  return { now: () => now() + struck.reduce((sum, call) => sum + hung(call), 0), sleep };
}

const isStruck = ({ service, action }: Fault, call: Call): boolean =>
  action === undefined ? call.service.toLowerCase() === service : call.operation === action;

/** Runs a command with a fault; the program's time that it took, in minutes. */
async function faced(fault: Fault, args: readonly string[], exit = 1): Promise<{ run: Run; minutes: number }> {
  await aws.faults([{ times: 0, ...fault }]);
  const struck: Call[] = [];
  const clock = timeOf(struck);
  let { total } = LIMITS;
  const run = await shop.run(args, {
    exit,
    clock,
    // Read when a call has begun. Calls that are answered may take as long as they need on a busy machine.
    limits: {
      ...LIMITS,
      attempts: 2,
      get total() {
        return total;
      },
    },
    onCall: (call) => {
      const hangs = fault.kind === 'hang' && isStruck(fault, call);
      if (hangs) struck.push(call);
      total = hangs ? HERE : LIMITS.total;
    },
  });
  await aws.faults([]);
  return { run, minutes: clock.now() / 60_000 };
}

/** What a failure says, without what went well and what depends on the order. */
const failure = ({ err }: Run): string => {
  const lines = err.split('\n');
  const first = lines.findIndex((line) => /no answer|Throttling|RequestLimit|SlowDown|no AWS credentials/.test(line));
  return lines
    .slice(first)
    .filter((line) => !/^[✔✓…=]|^ {2}\S+\/\S+: |^$|not done because|^-/.test(line))
    .join('\n')
    .replaceAll(/\d+ (done|not done|failed|unchanged)/g, 'N $1')
    .replace(/^ {2}request id .*\n/m, '')
    .replaceAll(/ in \d+ m?s/g, '')
    .replaceAll(aws.endpoint, 'ENDPOINT');
};

it('plan gives up within a minute, and says what got no answer', async () => {
  const plan = async (fault: Fault): Promise<string> => {
    const { run, minutes } = await faced(fault, ['plan']);
    expect(minutes).toBeLessThanOrEqual(1);
    return failure(run);
  };
  expect(await plan({ service: 'sts', kind: 'hang' })).toMatchInlineSnapshot(`
    "asking AWS who is calling: no answer from AWS to STS GetCallerIdentity (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  expect(await plan({ service: 'sts', kind: 'throttle' })).toMatchInlineSnapshot(`
    "asking AWS who is calling: Throttling: injected by the local AWS (STS GetCallerIdentity)
      AWS asks for patience: run the same command again in a minute, and it continues where it stopped"
  `);
  expect(await plan({ service: 'ec2', action: 'DescribeVpcs', kind: 'hang' })).toMatchInlineSnapshot(`
    "reading vpc: no answer from AWS to EC2 DescribeVpcs (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  expect(await plan({ service: 'iam', kind: 'throttle' })).toMatchInlineSnapshot(`
    "reading oidc-provider: Throttling: injected by the local AWS (IAM GetOpenIDConnectProvider)
      AWS asks for patience: run the same command again in a minute, and it continues where it stopped"
  `);
});

it('plan gives up when the credentials never come', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tap-hangs-'));
  const kept = { ...process.env };
  try {
    const program = join(folder, 'silent.js');
    await writeFile(program, 'setTimeout(() => {}, 3_000);');
    await writeFile(join(folder, 'config'), `[default]\ncredential_process = ${process.execPath} ${program}\n`);
    process.env.AWS_CONFIG_FILE = join(folder, 'config');
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    const run = await shop.run(['plan'], { exit: 1, limits: { ...LIMITS, total: 500 } });
    expect(failure(run)).toMatchInlineSnapshot(`
      "no AWS credentials: no provider has answered within 0.5 s (single sign-on, instance metadata, credential_process)
        sign in (\`aws sso login\`, or set AWS_PROFILE) and run the command again"
    `);
  } finally {
    Object.assign(process.env, kept);
    await rm(folder, { recursive: true });
  }
});

it('up gives up within two minutes, call after call; each time it goes on from there, and nothing is made twice', async () => {
  await aws.reset();
  await prepare(shop, DOMAIN);
  const up = async (fault: Fault): Promise<string> => {
    const { run, minutes } = await faced(fault, ['up', '--yes']);
    expect(minutes).toBeLessThanOrEqual(2);
    return failure(run);
  };
  expect(await up({ service: 's3', action: 'CreateBucket', kind: 'hang' })).toMatchInlineSnapshot(`
    "✗ creating bucket/state: no answer from AWS to S3 CreateBucket (none within 0.3 s)
    creating bucket/state: no answer from AWS to S3 CreateBucket (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  expect(await up({ service: 's3', action: 'PutObject', kind: 'hang' })).toMatchInlineSnapshot(`
    "taking the lease: no answer from AWS to S3 PutObject (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  expect(await up({ service: 'ec2', action: 'CreateVpc', kind: 'hang' })).toMatchInlineSnapshot(`
    "✗ creating vpc/main: no answer from AWS to EC2 CreateVpc (none within 0.3 s)
    Failed: creating vpc/main: no answer from AWS to EC2 CreateVpc (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  expect(await up({ service: 'ec2', action: 'ModifyVpcAttribute', kind: 'hang' })).toMatchInlineSnapshot(`
    "✗ changing vpc/main: no answer from AWS to EC2 ModifyVpcAttribute (none within 0.3 s)
    Failed: changing vpc/main: no answer from AWS to EC2 ModifyVpcAttribute (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  expect(await up({ service: 'ec2', action: 'CreateInternetGateway', kind: 'throttle' })).toMatchInlineSnapshot(`
    "✗ creating internet-gateway/main: RequestLimitExceeded: injected by the local AWS (EC2 CreateInternetGateway)
    Failed: creating internet-gateway/main: RequestLimitExceeded: injected by the local AWS (EC2 CreateInternetGateway)
      AWS asks for patience: run the same command again in a minute, and it continues where it stopped"
  `);
  expect(await up({ service: 'ec2', action: 'AttachInternetGateway', kind: 'hang' })).toMatchInlineSnapshot(`
    "✗ changing internet-gateway/main: no answer from AWS to EC2 AttachInternetGateway (none within 0.3 s)
    Failed: changing internet-gateway/main: no answer from AWS to EC2 AttachInternetGateway (none within 0.3 s)
      AWS_ENDPOINT_URL is ENDPOINT: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped."
  `);
  // There is no load balancer while the plan is made: this is the look at a new one.
  const look: Fault = { service: 'elbv2', action: 'DescribeLoadBalancerAttributes', kind: 'throttle' };
  expect(await up(look)).toMatchInlineSnapshot(`
    "✗ reading load-balancer/api: Throttling: injected by the local AWS (ElasticLoadBalancingV2 DescribeLoadBalancerAttributes)
    Failed: reading load-balancer/api: Throttling: injected by the local AWS (ElasticLoadBalancingV2 DescribeLoadBalancerAttributes)
      AWS asks for patience: run the same command again in a minute, and it continues where it stopped"
  `);
  // AWS does it and never says so: the rest of the run finds it.
  await faced({ service: 'elbv2', action: 'CreateListener', kind: 'hang', when: 'after' }, ['up', '--yes'], 0);
  await shop.run(['plan', '--exit-code']);
  const { Vpcs } = await new EC2Client({}).send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'tag:tap:project', Values: ['shop'] }] }),
  );
  expect(Vpcs).toHaveLength(1);
});
