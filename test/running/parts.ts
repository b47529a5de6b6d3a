import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeServicesCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type Service,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll } from 'vitest';
import { describeRevision, successor } from '../../src/resources/ecs/revision.ts';

export const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:${'a'.repeat(64)}`;
const where = { cluster: 'shop-cluster', service: 'shop-backend' };

/** The backend as after a deploy: a revision with an image of ours, and tasks that run. */
export async function deployed(desiredCount = 1): Promise<void> {
  const ecs = new ECSClient({});
  const revision = await describeRevision({ aws: () => ecs as never }, 'shop-backend');
  if (!revision) throw new Error('there is no revision');
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(successor(revision, IMAGE)));
  await ecs.send(
    new UpdateServiceCommand({ ...where, taskDefinition: taskDefinition?.taskDefinitionArn, desiredCount }),
  );
}

export async function service(): Promise<Service> {
  const { services } = await new ECSClient({}).send(
    new DescribeServicesCommand({ cluster: where.cluster, services: [where.service], include: ['TAGS'] }),
  );
  if (!services?.[0]) throw new Error('there is no service');
  return services[0];
}

/** Ids of the tasks that run or will. */
export async function taskIds(): Promise<string[]> {
  const { taskArns = [] } = await new ECSClient({}).send(
    new ListTasksCommand({ cluster: where.cluster, serviceName: where.service }),
  );
  return taskArns.map((arn) => arn.split('/').at(-1) ?? '');
}

/** What the stand-in for session-manager-plugin was started with. */
export interface Started {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A stand-in for AWS's session-manager-plugin, in a folder of its own.
 * @param version what it says that it is; undefined: there is no such program
 * @param does what it does in a session: ends with an exit code, or runs a program
 */
export async function plugin(version: string | undefined, does: number | { readonly program: string } = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'tap-plugin-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const record = join(folder, 'started.json');
  const session = typeof does === 'number' ? `process.exit(${does});` : does.program;
  const program = `#!${process.execPath}
const [, , ...args] = process.argv;
if (args[0] === '--version') console.log(${JSON.stringify(version)});
else {
  require('node:fs').writeFileSync(${JSON.stringify(record)}, JSON.stringify({ args, env: process.env }));
  ${session}
}
`;
  if (version !== undefined) {
    await writeFile(join(folder, 'session-manager-plugin'), program);
    await chmod(join(folder, 'session-manager-plugin'), 0o755);
  }
  return {
    env: { ...process.env, PATH: folder, AWS_PROFILE: undefined } as NodeJS.ProcessEnv,
    /** Undefined while it was not started. */
    started: async (): Promise<Started | undefined> => {
      const text = await readFile(record, 'utf8').catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as Started);
    },
  };
}
