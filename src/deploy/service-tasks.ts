import { DescribeTasksCommand, ECSClient, paginateListTasks, type Task } from '@aws-sdk/client-ecs';
import { items } from '../aws/pages.ts';
import type { Cx } from '../engine/kind.ts';
import type { Where } from './deployments.ts';

/** DescribeTasks takes a hundred at a time. */
const AT_ONCE = 100;

/** `RUNNING` has those that still start as well. */
type Desired = 'RUNNING' | 'STOPPED';

/** ARNs of the tasks of a service. Those that have stopped are there for about an hour (ListTasks, desiredStatus). */
export const taskArns = (
  { aws }: Pick<Cx, 'aws'>,
  { cluster, service: serviceName }: Where,
  desiredStatus: Desired,
): Promise<string[]> =>
  items(
    paginateListTasks({ client: aws(ECSClient) }, { cluster, serviceName, desiredStatus }),
    (page) => page.taskArns,
  );

/** Tasks of a service. @param known ARNs of tasks of which nothing new is to be learnt */
export async function serviceTasks(
  cx: Pick<Cx, 'aws'>,
  where: Where,
  status: Desired,
  known: ReadonlySet<string> = new Set(),
): Promise<Task[]> {
  const client = cx.aws(ECSClient);
  const arns = (await taskArns(cx, where, status)).filter((arn) => !known.has(arn));
  const found: Task[] = [];
  for (let i = 0; i < arns.length; i += AT_ONCE) {
    const { tasks = [] } = await client.send(
      new DescribeTasksCommand({ cluster: where.cluster, tasks: arns.slice(i, i + AT_ONCE) }),
    );
    found.push(...tasks);
  }
  return found;
}

/** The image that a task runs, by its digest where ECS knows that; of the first container. */
export function imageRun({ containers = [] }: Task): { readonly image: string; readonly digest: string | undefined } {
  const { image = '', imageDigest } = containers[0] ?? {};
  return { image, digest: imageDigest ?? image.split('@')[1] };
}
