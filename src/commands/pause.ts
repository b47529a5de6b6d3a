import { UserError } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';

export async function pause(_options: GlobalOptions, _io: Io): Promise<number> {
  throw new UserError('not there yet');
}
export async function resume(_options: GlobalOptions, _io: Io): Promise<number> {
  throw new UserError('not there yet');
}
