import type { Env } from './env.ts';
import type { Statement } from './policies.ts';

export function planPolicy(_env: Env): Statement[] {
  return [];
}
