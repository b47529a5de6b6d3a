import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Control, StandIns } from '../../src/local/control.ts';
import { clientsOf, differences, everything, logical, secretValues } from './account.ts';
import { faultAt, type Target, type Trouble } from './faults.ts';
import { type Ended, project } from './process.ts';
import { freezable, meet, mismatch, traced, workflow } from './rivals.ts';
import {
  config,
  DOMAIN,
  GOOGLE,
  PER_AZ,
  pushImages,
  SCENARIOS,
  type Scenario,
  type Start,
  writeSites,
} from './scenarios.ts';

/** One thing that must hold and did not. */
export interface Problem {
  readonly kind: 'exit' | 'duplicate' | 'orphan' | 'lost' | 'plan' | 'wrong' | 'secret' | 'foreign' | 'crash';
  readonly text: string;
}

export interface Trial {
  /** False: the run ended without this call. */
  readonly struck: boolean;
  /** Of the run with the fault, the one after it, and the plan at the end. Null: killed. */
  readonly exits: readonly (number | null)[];
  readonly problems: readonly Problem[];
}

/** How a command goes when nothing is in its way. */
export interface Clean {
  /** Its mutating calls, in the order of their arrival. */
  readonly targets: readonly Target[];
  /** What the account then holds. */
  readonly holds: readonly string[];
}

export interface Bench {
  clean(command: string): Promise<Clean>;
  trial(command: string, trouble: Trouble, target: Target): Promise<Trial>;
}

const OTHERS = 'someone-elses';
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
/** Seconds after which the lease of a process that died is free. */
const LEASE = 120;

/** Runs commands with faults, each on a fork of an account that was made once. @param program the built `tap` */
export function bench(aws: Control & StandIns, program: string): Bench {
  const starts = new Map<Start, Promise<Control & StandIns>>();
  const cleans = new Map<string, Promise<Clean>>();
  const start = (which: Start): Promise<Control & StandIns> => remember(starts, which, () => prepared(which));

  const prepared = async (which: Start): Promise<Control & StandIns> => {
    if (which === 'blank') {
      await aws.reset();
      await bringAlong(aws);
      return aws;
    }
    const next = await (await start(which === 'live' ? 'blank' : 'live')).fork();
    const { tap } = await folder(next);
    const must = async (...args: string[]): Promise<void> => {
      const { exit, said } = await tap.start(args).ended;
      if (exit !== 0) throw new Error(`tap ${args.join(' ')}: exit ${exit}\n${said}`);
    };
    if (which === 'live') {
      await must('up', '--yes');
      await pushImages(next);
      await must('deploy-backend', '--image', 'a'.repeat(40));
      await must('deploy-frontend', '--dir', 'one');
    } else {
      await tap.write(config(next, PER_AZ));
      await must('up', '--yes');
    }
    await tap.remove();
    return next;
  };

  const folder = async (where: Control & StandIns, { settings }: Partial<Scenario> = {}) => {
    const tap = await project(program, where.endpoint, config(where, settings));
    await writeSites(tap.folder);
    return { tap };
  };

  /** Google's client is stored by `tap`, as a person does it. */
  const bringAlong = async (where: Control & StandIns): Promise<void> => {
    const clients = clientsOf(where.endpoint);
    const { HostedZone } = await clients(Route53Client).send(
      new CreateHostedZoneCommand({ Name: DOMAIN, CallerReference: DOMAIN }),
    );
    const record = { Name: `${OTHERS}.${DOMAIN}`, Type: 'TXT' as const, TTL: 60, ResourceRecords: [{ Value: '"x"' }] };
    await clients(Route53Client).send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: HostedZone?.Id,
        ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: record }] },
      }),
    );
    await clients(EC2Client).send(
      new CreateVpcCommand({
        CidrBlock: '10.99.0.0/16',
        TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: OTHERS }] }],
      }),
    );
    await clients(IAMClient).send(new CreateRoleCommand({ RoleName: OTHERS, AssumeRolePolicyDocument: TRUST }));
    await clients(S3Client).send(new CreateBucketCommand({ Bucket: OTHERS }));
    await clients(S3Client).send(new PutObjectCommand({ Bucket: OTHERS, Key: 'theirs', Body: 'x' }));
    const { tap } = await folder(where);
    await tap.start(['secrets', 'set', 'google-oauth'], JSON.stringify(GOOGLE)).ended;
    await tap.remove();
  };

  const clean = (command: string): Promise<Clean> =>
    remember(cleans, command, async () => {
      const { scenario, fork, tap } = await ready(command);
      try {
        const { exit, said } = await tap.start(scenario.args).ended;
        if (exit !== 0) throw new Error(`tap ${scenario.args.join(' ')}: exit ${exit}\n${said}`);
        return { targets: await mutating(fork), holds: logical(await everything(clientsOf(fork.endpoint))) };
      } finally {
        fork.stop();
        await tap.remove();
      }
    });

  const ready = async (command: string) => {
    const scenario = SCENARIOS[command];
    if (!scenario) throw new Error(`there is no command ${command}: ${Object.keys(SCENARIOS).join(', ')}`);
    const fork = await (await start(scenario.start)).fork();
    return { scenario, fork, ...(await folder(fork, scenario)) };
  };

  const trial = async (command: string, trouble: Trouble, target: Target): Promise<Trial> => {
    const { holds } = await clean(command);
    const { scenario, fork, tap } = await ready(command);
    const clients = clientsOf(fork.endpoint);
    const foreign = await foreignLines();
    try {
      const fault = faultAt(trouble, target);
      await fork.faults(fault ? [fault] : []);
      const strikes = new AbortController();
      const struck = fork.struck(strikes.signal).then(
        () => true,
        () => false,
      );
      const { kind } = trouble;
      const isRival = kind === 'rival' || kind === 'frozen';
      const first = isRival
        ? tap.start([...scenario.args, ...traced(tap.folder)], '', { ...workflow(1), ...freezable(tap.folder) })
        : tap.start(scenario.args);
      if (kind === 'kill') void struck.then((is) => is && first.signal('SIGKILL'));
      const met = struck.then((is) => (is && isRival ? meet(kind, fork, tap, scenario.args, first, LEASE) : undefined));
      const began = await first.ended;
      strikes.abort();
      const other = await met;
      const mismatched = other && isRival ? await mismatch(kind, began, other) : [];
      await fork.faults([]);
      const runs: Ended[] = [began];
      await fork.set('s3Age', { prefix: 'lease/', seconds: LEASE });
      runs.push(await tap.start(scenario.args).ended);
      const changed = await fork.mutations();
      const is = await everything(clients);
      const secrets = await secretValues(clients);
      await fork.clearCalls();
      // A second destroy finds nothing; after anything else a plan does.
      const last = scenario.args[0] === 'destroy' ? scenario.args : ['plan', '--exit-code'];
      runs.push(await tap.start(last).ended);
      const idle = (await fork.mutations()).map(({ service, action }) => `${service} ${action}`);

      const found = differences(logical(is), holds);
      const problems: Problem[] = [];
      const report = (kind: Problem['kind'], texts: readonly string[]): void =>
        void problems.push(...texts.map((text) => ({ kind, text })));
      const [, again, plan] = runs;
      if (again?.exit !== 0) report('exit', [`the next run ended with ${again?.exit}:\n${tail(again)}`]);
      report('exit', mismatched);
      report('duplicate', found.duplicates);
      report('orphan', found.orphans);
      report('lost', found.lost);
      if (plan?.exit !== 0) report('plan', [`the plan at the end ended with ${plan?.exit}:\n${tail(plan)}`]);
      if (idle.length > 0) report('plan', [`the plan at the end changed something: ${idle.join(', ')}`]);
      const wrong = await scenario.wrong?.(fork);
      if (wrong) report('wrong', [wrong]);
      report(
        'foreign',
        foreign.filter((line) => !is.includes(line)),
      );
      const touched = changed.filter(({ params }) => JSON.stringify(params).includes(OTHERS));
      report(
        'foreign',
        touched.map(({ service, action }) => `${service} ${action}`),
      );
      for (const run of other ? [...runs, other.other] : runs) {
        if (secrets.some((value) => run.said.includes(value))) report('secret', ['a secret was printed']);
        if (/bug in tap|^\s+at .*:\d+/m.test(run.said)) report('crash', [tail(run)]);
      }
      return { struck: await struck, exits: runs.map(({ exit }) => exit), problems };
    } finally {
      fork.stop();
      await tap.remove();
    }
  };

  let others: Promise<string[]> | undefined;
  /** What is not tap's, as it is in the blank account. */
  const foreignLines = (): Promise<string[]> => {
    others ??= start('blank')
      .then(({ endpoint }) => everything(clientsOf(endpoint)))
      .then((lines) => lines.filter((line) => !line.includes('secret shop/')));
    return others;
  };

  return { clean, trial };
}

async function mutating(aws: Control): Promise<Target[]> {
  const seen = new Map<string, number>();
  return (await aws.mutations()).map(({ service, action }) => {
    const nth = (seen.get(`${service} ${action}`) ?? 0) + 1;
    seen.set(`${service} ${action}`, nth);
    return { service, action, nth };
  });
}

const tail = (run: Ended | undefined): string => (run?.said ?? '').trimEnd().split('\n').slice(-12).join('\n');

function remember<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
