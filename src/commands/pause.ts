import { ECSClient, TagResourceCommand, UntagResourceCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { liveBackend } from '../deploy/live.ts';
import { steps } from '../deploy/steps.ts';
import { inTurn, type Turn } from '../deploy/turn.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { MINUTE } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { progress } from '../render/progress.ts';
import { PAUSED } from '../resources/ecs/service.ts';
import { untilHealthy } from '../running/healthy.ts';
import { type Account, openAccount } from '../session.ts';
import { confirm } from './confirm.ts';

export interface PauseOptions extends GlobalOptions {
  readonly yes?: boolean;
}

/**
 * Stops all tasks until `tap resume`. The tag comes before the number: killed in between, the plan is empty, since the
 * number is nobody's drift while the tag is there, and the next `tap pause` goes on.
 */
export async function pause(options: PauseOptions, io: Io): Promise<ExitCode> {
  const account = await openAccount(options, io);
  if ((await liveBackend(account)).placeholder) throw notDeployed('nothing to pause');
  const { domain } = account.config;
  await confirm('tap pause', `Stop the API of ${domain}? It answers 503 until \`tap resume\`.`, options, io);
  const stopping = await inTurn(account, 'backend', 'tap pause', options, io, async ({ cx }) => {
    const { service, paused } = await liveBackend(account);
    const { serviceArn: resourceArn, desiredCount = 0 } = service;
    const tag = new TagResourceCommand({ resourceArn, tags: [{ key: PAUSED, value: 'true' }] });
    if (!paused) await told('marking the service as paused', cx.aws(ECSClient).send(tag));
    if (desiredCount > 0) await told('stopping the tasks', setCount(account, cx, 0));
    return desiredCount;
  });
  if (options.json)
    io.out(`${JSON.stringify({ type: 'result', command: 'pause', exit: Exit.done, paused: true, stopping })}\n`);
  else {
    io.out(
      `Paused: ${stopping > 0 ? `${tasks(stopping)} to stop` : 'no task runs'}. \`tap resume\` starts them again.\n`,
    );
    io.out('The database, the load balancer and the NAT gateway go on, and cost.\n');
  }
  return Exit.done;
}

/**
 * Starts the tasks again, as many as the config says, and waits until they answer. The number comes before the tag:
 * killed in between, the service still is paused, and the next `tap resume` goes on.
 */
export async function resume(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const account = await openAccount(options, io);
  const running = account.config.backend.desiredCount;
  await inTurn(account, 'backend', 'tap resume', options, io, async ({ cx, signal }) => {
    const { service, paused, placeholder } = await liveBackend(account);
    const untag = new UntagResourceCommand({ resourceArn: service.serviceArn, tagKeys: [PAUSED] });
    if (!placeholder && service.desiredCount !== running)
      await told('starting the tasks', setCount(account, cx, running));
    if (paused) await told('taking the mark from the service', cx.aws(ECSClient).send(untag));
    if (placeholder) throw notDeployed('nothing to resume');
    const { emit, done } = await progress(io, { json: options.json, total: 1 });
    const wait = (say: (text: string) => void): Promise<void> => untilHealthy(account, running, signal, say);
    await steps(emit, account.clock)
      .run('the tasks', 'wait', 2 * MINUTE, wait)
      .finally(done);
  });
  if (options.json)
    io.out(`${JSON.stringify({ type: 'result', command: 'resume', exit: Exit.done, paused: false, running })}\n`);
  else io.out(`Not paused: ${tasks(running)} run and answer the health checks.\n`);
  return Exit.done;
}

const tasks = (count: number): string => `${count} task${count === 1 ? '' : 's'}`;

const setCount = ({ names }: Account, { aws }: Turn['cx'], desiredCount: number): Promise<unknown> =>
  aws(ECSClient).send(new UpdateServiceCommand({ cluster: names.cluster, service: names.service, desiredCount }));

const told = (what: string, call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: unknown) => {
    throw explain(error, what);
  });

const notDeployed = (what: string): UserError =>
  new UserError(`${what}: nothing was deployed yet, so no task runs`, { fix: 'tap deploy-backend', exit: Exit.failed });
