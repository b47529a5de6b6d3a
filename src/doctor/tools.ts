import { findBuilder } from '../deploy/builder.ts';
import { run } from '../deploy/child.ts';
import { UserError } from '../engine/errors.ts';
import { checkPlugin } from '../running/plugin.ts';
import { type Check, type Found, ok, type Subject, warning } from './finding.ts';

/** Programs of this computer that deploys from it need; `up` needs none. */
export const tools: Check = {
  name: 'tools',
  find: async (subject) => {
    const found = await Promise.all([builder(subject), git(subject), plugin(subject)]);
    const troubles = found.flat();
    return troubles.length > 0 ? troubles : [ok('what deploys from this computer need is here')];
  },
};

const toolsOf = ({ io: { env, signal }, account: { clock } }: Subject) => ({ env, signal, clock, say: () => {} });

const refusal = (error: unknown): Found[] => {
  if (!(error instanceof UserError)) throw error;
  return [warning(error.message, error.fix)];
};

const builder = (subject: Subject): Promise<Found[]> => findBuilder(toolsOf(subject)).then(() => [], refusal);

const git = (subject: Subject): Promise<Found[]> => run('git', ['--version'], toolsOf(subject)).then(() => [], refusal);

async function plugin({ io: { env }, account: { config } }: Subject): Promise<Found[]> {
  if (!config.backend.executeCommand) return [];
  return (await checkPlugin(env)).map(({ problem, fix }) => warning(`${problem} (tap exec, tap db connect)`, fix));
}
