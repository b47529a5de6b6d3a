import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { Exit, type ExitCode } from '../engine/errors.ts';

/** How a roll-out ended, or why it is not watched any more. */
export type Ending =
  | 'succeeded'
  | 'rolled back'
  /** Another deployment of the service has taken its place. */
  | 'superseded'
  | 'failed'
  /** It goes on, and nobody knows how it ends: the time is over, or AWS gives no answers. */
  | 'timed out'
  /** Ctrl-C; it goes on. */
  | 'interrupted';

export interface Verdict {
  readonly ending: Ending;
  /** What happened, as a clause: `the circuit breaker has stopped it`. */
  readonly why: string;
  /** It failed, and the service is still to run it: nobody has rolled it back. */
  readonly stands?: boolean;
}

/** What one look at a service deployment shows. */
export interface Sight {
  /** Undefined while AWS does not list it yet. */
  readonly status: ServiceDeploymentStatus | undefined;
  readonly statusReason: string | undefined;
  /** Tasks that the service shall have. */
  readonly desired: number;
  /** Running tasks of our revision with our image. */
  readonly serving: number;
  /** Another deployment, which began after ours, is the service's current one. */
  readonly overtaken: boolean;
  /** Looks since the deployment has ended, or was overtaken: what AWS says elsewhere may lag behind. */
  readonly looksSince: number;
  /** It has lasted longer than the user will wait. */
  readonly late: boolean;
}

/** Looks until what should follow from the end of a deployment must be seen. */
const LAG = 5;

/**
 * Judges a deployment by what is seen, or leaves it undecided. States: "View service history using Amazon ECS service
 * deployments". That a service is stable proves nothing: it is so after a roll-back as well.
 */
export function judge(sight: Sight): Verdict | undefined {
  const { status, statusReason, serving, overtaken, looksSince } = sight;
  const said = statusReason ? `: ${statusReason.replace(/\.$/, '')}` : '';
  switch (status) {
    case 'SUCCESSFUL':
      if (serving > 0) return { ending: 'succeeded', why: 'its tasks serve' };
      if (overtaken) return { ending: 'superseded', why: 'another deployment has taken its place' };
      if (sight.desired === 0) return { ending: 'failed', why: 'the service was set to run no task' };
      return looksSince < LAG
        ? undefined
        : { ending: 'failed', stands: true, why: 'AWS calls it done, but none of its tasks runs' };
    case 'ROLLBACK_SUCCESSFUL':
      return { ending: 'rolled back', why: `AWS rolled it back${said}` };
    case 'ROLLBACK_FAILED':
      return { ending: 'failed', why: `the roll-back failed as well${said}` };
    case 'STOPPED':
      if (overtaken) return { ending: 'superseded', why: 'another deployment has taken its place' };
      return looksSince < LAG ? undefined : { ending: 'failed', stands: true, why: `AWS stopped it${said}` };
    default:
      if (overtaken && looksSince >= LAG)
        return { ending: 'superseded', why: 'another deployment has taken its place' };
      return sight.late ? { ending: 'timed out', why: 'it has not ended in time' } : undefined;
  }
}

/** True when nothing more will happen to the deployment. */
export const hasEnded = (status: ServiceDeploymentStatus | undefined): boolean =>
  status === 'SUCCESSFUL' || status === 'STOPPED' || status === 'ROLLBACK_SUCCESSFUL' || status === 'ROLLBACK_FAILED';

/** @param strict a deploy that was overtaken has not reached what it was started for */
export function exitOf(ending: Ending, { strict = false }: { readonly strict?: boolean } = {}): ExitCode {
  switch (ending) {
    case 'succeeded':
      return Exit.done;
    case 'rolled back':
      return Exit.rolledBack;
    case 'superseded':
      return strict ? Exit.superseded : Exit.done;
    case 'timed out':
      return Exit.timedOut;
    case 'interrupted':
      return Exit.interrupted;
    case 'failed':
      return Exit.failed;
  }
}
