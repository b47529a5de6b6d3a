import { UserError } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';

export async function exec(_command: string[], _options: GlobalOptions, _io: Io): Promise<number> {
  throw new UserError('not there yet');
}
