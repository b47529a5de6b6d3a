import { DescribeTasksCommand, ECSClient, paginateListTasks, type Task } from '@aws-sdk/client-ecs';
import { items } from '../aws/pages.ts';
import type { Cx } from '../engine/kind.ts';

/** DescribeTasks takes a hundred at a time. */
const AT_ONCE = 100;

/**
 * Tasks of a service. Those that have stopped are there for about an hour (ListTasks, desiredStatus).
 * @param status `RUNNING` has those that still start as well
 * @param known ARNs of tasks that nothing new is to be learnt of
 */
export async function serviceTasks(
  cx: Pick<Cx, 'aws'>,
  where: { readonly cluster: string; readonly service: string },
  status: 'RUNNING' | 'STOPPED',
  known: ReadonlySet<string> = new Set(),
): Promise<Task[]> {
  const client = cx.aws(ECSClient);
  const listed = await items(
    paginateListTasks({ client }, { cluster: where.cluster, serviceName: where.service, desiredStatus: status }),
    (page) => page.taskArns,
  );
  const arns = listed.filter((arn) => !known.has(arn));
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
