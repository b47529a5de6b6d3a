import { readFile, writeFile } from 'node:fs/promises';
import { canonical } from '../engine/diff.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Plan } from '../engine/plan.ts';
import { planJson } from '../render/plan.ts';
import { messageOf } from '../render/progress.ts';
import type { Session } from '../session.ts';

/** What `--adopt` and `--allow-replace` said when the plan was made. */
export interface PlanConsent {
  readonly adopt?: readonly string[];
  readonly allowReplace?: readonly string[];
}

/** A plan as `plan --out` wrote it. */
export interface SavedPlan extends PlanConsent {
  readonly project: string;
  readonly account: string;
  readonly region: string;
  readonly changes: readonly { readonly id: string }[];
  readonly removals: readonly unknown[];
}

/**
 * Writes down what was shown, so that `up --plan` does exactly that or refuses.
 * @throws UserError when the file cannot be written
 */
export async function savePlan(
  path: string,
  plan: Plan,
  { scope }: Session,
  { adopt, allowReplace }: PlanConsent,
): Promise<void> {
  const text = `${JSON.stringify({ ...planJson(plan, scope), adopt, allowReplace }, null, 2)}\n`;
  await writeFile(path, text).catch((error: unknown) => {
    throw new UserError(`the plan cannot be written to ${path}: ${messageOf(error)}`, {
      fix: 'choose a writable path for --out',
    });
  });
}

/** @throws UserError when there is no such file, or it is no plan */
export async function loadPlan(path: string): Promise<SavedPlan> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError(`the plan ${path} cannot be read: ${messageOf(error)}`, { fix: MAKE });
  });
  const saved = parse(text) as (SavedPlan & { version?: unknown }) | null | undefined;
  const whole = saved?.version === 1 && [saved.changes, saved.removals].every(haveIds);
  if (!whole || ![saved.adopt, saved.allowReplace].every(areTexts))
    throw new UserError(`${path} is not a plan of this version of tap`, { fix: MAKE });
  return saved;
}

/**
 * @param here what is known so far of where this runs
 * @throws UserError when the plan was made for another environment, account or region
 */
export function mustBeFor(saved: SavedPlan, here: { project: string; region: string; account?: string }): void {
  for (const what of ['project', 'account', 'region'] as const)
    if (here[what] !== undefined && saved[what] !== here[what])
      throw new UserError(`nothing was changed: the plan is for ${what} ${saved[what]}, and this is ${here[what]}`, {
        fix: 'use the config, environment and credentials that the plan was made with, or make a new plan',
      });
}

/**
 * @param without ids that need not be the same
 * @throws UserError when the plans want different things done
 */
export function mustBeSame(
  approved: Pick<SavedPlan, 'changes' | 'removals'>,
  plan: Plan,
  without: ReadonlySet<string> = new Set(),
): void {
  const ids = differing(approved, plan, without);
  const some = ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
  if (ids.length > 0)
    throw new UserError(`nothing was changed: what has to be done is no longer what was approved (${some})`, {
      exit: Exit.failed,
      fix: 'make a new plan with `tap plan --out FILE`, look at it, and use that',
    });
}

/** True when both plans want the same done, but for the ids of `without`. */
export const isSame = (...plans: Parameters<typeof differing>): boolean => differing(...plans).length === 0;

/** What is in one plan only, or different in the two. */
function differing(
  approved: Pick<SavedPlan, 'changes' | 'removals'>,
  plan: Plan,
  without: ReadonlySet<string>,
): string[] {
  const [before, after] = [approved, JSON.parse(JSON.stringify(plan)) as SavedPlan].map(
    ({ changes, removals }) => new Set([...changes, ...removals].map((item) => canonical(item))),
  ) as [Set<string>, Set<string>];
  const only = [...[...before].filter((item) => !after.has(item)), ...[...after].filter((item) => !before.has(item))];
  const ids = new Set(only.map((item) => (JSON.parse(item) as { id: string }).id));
  return [...ids].filter((id) => !without.has(id));
}

const MAKE = 'make one with `tap plan --out FILE`';

const haveIds = (list: unknown): boolean =>
  Array.isArray(list) && list.every((item: { id?: unknown } | null) => typeof item?.id === 'string');
const areTexts = (list: unknown): boolean =>
  list === undefined || (Array.isArray(list) && list.every((item) => typeof item === 'string'));

/** undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
