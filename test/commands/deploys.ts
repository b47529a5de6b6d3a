import {
  type DeploymentCircuitBreaker,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { expect } from 'vitest';
import type { Control, StandIns } from '../../src/local/control.ts';
import { prepare, type Run, type Site, site, tap } from '../e2e/tap.ts';
import { fakeClock } from '../world.ts';
import { CONFIG, DOMAIN, expectClear, seen } from './parts.ts';

const SERVICE = 'shop-backend';
const WHERE = { cluster: 'shop-cluster', service: SERVICE };

/** A tag that is a commit, as builds give it: `commit('a')`. */
export const commit = (letter: string): string => letter.repeat(40);

/** An environment without a deploy, and commands against it that do not wait. */
export async function shopOf(aws: Control & StandIns, backend: object = {}) {
  const config = { ...CONFIG, backend: { smokeUrl: `${aws.api}/health`, ...backend } };
  const shop = await site(config);
  await prepare(shop, DOMAIN);
  await shop.run(['up', '--yes']);
  const digests = new Map<string, string>();
  const ecs = new ECSClient({});

  const service = async () =>
    (await ecs.send(new DescribeServicesCommand({ ...WHERE, services: [SERVICE] }))).services?.[0];
  /** What runs, by the tasks themselves. */
  const serving = async (): Promise<string[]> => {
    const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ ...WHERE, serviceName: SERVICE }));
    if (tasks.length === 0) return [];
    const found = await ecs.send(new DescribeTasksCommand({ cluster: WHERE.cluster, tasks }));
    const running = found.tasks?.filter(({ lastStatus }) => lastStatus === 'RUNNING') ?? [];
    return running.map(({ containers }) => containers?.[0]?.image?.split('@')[1] ?? '');
  };

  /** Output without what differs from run to run, digests and tasks by their names. */
  const shown = (run: Run): string => {
    let text = seen(run).replaceAll(aws.api, 'API');
    for (const [tag, digest] of digests)
      text = text.replaceAll(digest, `sha256:<${tag[0]}>`).replaceAll(digest.slice(0, 19), `sha256:<${tag[0]}>`);
    const tasks = new Map<string, string>();
    return text
      .replaceAll(/\b[0-9a-f]{32}\b/g, (id) => {
        tasks.set(id, tasks.get(id) ?? `TASK${tasks.size + 1}`);
        return tasks.get(id) ?? '';
      })
      .replaceAll(/\btargetgroup\/[\w/-]+/g, 'targetgroup/…')
      .replaceAll(/ after [0-3] s:/g, ' after N s:')
      .replaceAll(/ecs-svc\/\d+/g, 'ecs-svc/N')
      .replaceAll(/\S+@a computer/g, 'ME')
      .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, 'TIME');
  };

  return {
    shop,
    config,
    shown,
    serving,
    /** Pushes an image; the same letter is the same image. */
    image: async (letter: string, more: object = {}): Promise<string> => {
      const { digest } = (await aws.set('image', { repository: SERVICE, tag: commit(letter), ...more })) as {
        digest: string;
      };
      digests.set(commit(letter), digest);
      return digest;
    },
    rollout: (scenario: string, more: object = {}) => aws.set('rollout', { service: SERVICE, scenario, ...more }),
    service,
    uri: async (letter: string): Promise<string> =>
      `123456789012.dkr.ecr.us-east-1.amazonaws.com/${SERVICE}@${digests.get(commit(letter))}`,
    /** What somebody does by hand. */
    scale: (desiredCount: number) => ecs.send(new UpdateServiceCommand({ ...WHERE, service: SERVICE, desiredCount })),
    breaker: (deploymentCircuitBreaker: DeploymentCircuitBreaker) =>
      ecs.send(
        new UpdateServiceCommand({
          ...WHERE,
          service: SERVICE,
          deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200, deploymentCircuitBreaker },
        }),
      ),
    tag: async (key: string, value: string) =>
      ecs.send(new TagResourceCommand({ resourceArn: (await service())?.serviceArn, tags: [{ key, value }] })),
    untag: async (key: string) =>
      ecs.send(new UntagResourceCommand({ resourceArn: (await service())?.serviceArn, tagKeys: [key] })),
    /** Another config of the backend from now on. */
    write: (more: object) => shop.write({ ...config, backend: { ...config.backend, ...more } }),
    run: (args: readonly string[], options: Parameters<Site['run']>[1] = {}) =>
      shop.run(args, { clock: fakeClock(), ...options }),
    /**
     * Deploys the image of a letter. Whatever happens, success is claimed exactly when that image serves and nothing else.
     * @returns what a person sees
     */
    deploy: async (
      letter: string,
      args: readonly string[] = [],
      options: Parameters<typeof tap>[1] = {},
    ): Promise<string> => {
      const run = await tap(['--config', shop.path, 'deploy-backend', '--image', commit(letter), ...args], {
        clock: fakeClock(),
        ...options,
      });
      expectClear(run);
      const claimed = /success|succeed|is live/i.test(run.out + run.err);
      const now = await serving();
      const really = now.length > 0 && now.every((digest) => digest === digests.get(commit(letter)));
      expect({ claimed, exit: run.exit }, shown(run)).toEqual({ claimed: really, exit: really ? 0 : run.exit });
      return shown(run);
    },
    /** Nothing is left to do for `up`. */
    expectNoChange: async (): Promise<void> => {
      const run = await tap(['--config', shop.path, 'plan', '--exit-code']);
      expect(run.exit, run.out + run.err).toBe(0);
    },
  };
}
