import { UserError } from '../engine/errors.ts';
import type { Io } from '../io.ts';
import type { Account } from '../session.ts';
import type { TurnOptions } from './turn.ts';

export async function rollbackFrontend(
  _account: Account,
  _id: number | undefined,
  _options: TurnOptions,
  _io: Io,
): Promise<number> {
  throw new UserError('not there yet');
}
