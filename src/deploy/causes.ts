import { platformRules } from './causes-platform.ts';
import { programRules } from './causes-program.ts';
import type { About, StoppedTask, Target } from './facts.ts';

/** Why a deployment fails, and what helps: a sentence each, without a full stop. */
export interface Cause {
  /** `image-missing` */
  readonly id: string;
  readonly cause: string;
  readonly fix: string;
  /** Trying again leads to the same: no more than two tasks need to die of it. */
  readonly fatal: boolean;
}

/** What was seen of one task, target or event. */
export interface Symptoms {
  /** Everything in the words of ECS and of the load balancer. */
  readonly said: string;
  readonly stopCode: string;
  readonly exitCode?: number;
  readonly livedSeconds?: number;
  readonly log: string;
}

/** What a rule has found, for its sentences. */
export interface Found extends Symptoms {
  /** Groups of the rule's patterns: of `said`, then of `logged`. */
  readonly words: readonly string[];
  readonly about: About;
}

/** Facts that match, and what they mean. All conditions that a rule has must hold. */
export interface Rule {
  readonly id: string;
  readonly fatal: boolean;
  /** In the words of ECS and the load balancer. */
  readonly said?: RegExp;
  /** In the log. */
  readonly logged?: RegExp;
  readonly when?: (found: Found) => boolean;
  readonly cause: (found: Found) => string;
  readonly fix: (found: Found) => string;
}

/** The first that matches tells: the platform's own words before guesses at the program. */
const RULES: readonly Rule[] = [...platformRules, ...programRules];

export const causeOfTask = ({ target, ...task }: StoppedTask, about: About): Cause =>
  causeOf(
    {
      said: [task.stopCode, task.reason, task.containerReason, target?.reason, target?.description]
        .filter(Boolean)
        .join(': '),
      stopCode: task.stopCode,
      exitCode: task.exitCode,
      livedSeconds: task.livedSeconds,
      log: task.lines.join('\n'),
    },
    about,
  ) ?? {
    id: 'unknown',
    cause: `the task stopped: ${task.reason || task.stopCode}`,
    fix: 'look at the log of the task: `tap logs`',
    fatal: false,
  };

/** @param log of the task behind the target */
export const causeOfTarget = ({ reason, description }: Target, log: readonly string[], about: About) =>
  causeOf({ said: `${reason}: ${description}`, stopCode: '', log: log.join('\n') }, about);

/** @param event message of a service event; most of them tell of no trouble */
export const causeOfEvent = (event: string, about: About): Cause | undefined =>
  causeOf({ said: event, stopCode: '', log: '' }, about);

function causeOf(symptoms: Symptoms, about: About): Cause | undefined {
  for (const { id, fatal, said, logged, when, cause, fix } of RULES) {
    const spoken = said?.exec(symptoms.said);
    const written = logged?.exec(symptoms.log);
    if ((said && !spoken) || (logged && !written)) continue;
    const words = [...(spoken?.slice(1) ?? []), ...(written?.slice(1) ?? [])].map((word) => word ?? '');
    const found: Found = { ...symptoms, words, about };
    if (when?.(found) === false) continue;
    return { id, fatal, cause: cause(found), fix: fix(found) };
  }
  return undefined;
}

/** The one that most of them name; of equally frequent ones the first. */
export function mostFrequent(causes: readonly Cause[]): Cause | undefined {
  const count = ({ id }: Cause): number => causes.filter((other) => other.id === id).length;
  return causes.reduce<Cause | undefined>(
    (best, cause) => (best && count(best) >= count(cause) ? best : cause),
    undefined,
  );
}
