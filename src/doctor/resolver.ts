import type { CaaRecord } from 'node:dns';
import { Resolver as SystemResolver } from 'node:dns/promises';

/**
 * What public DNS says. Rejects as node:dns/promises does: with the code ENOTFOUND or ENODATA when there is no such name
 * or record, with another one when nobody answered.
 */
export interface Resolver {
  resolve4(name: string): Promise<string[]>;
  resolveNs(name: string): Promise<string[]>;
  resolveCname(name: string): Promise<string[]>;
  resolveCaa(name: string): Promise<CaaRecord[]>;
}

/** The name servers of this computer, asked twice, 3 s each. */
export const systemResolver = (): Resolver => new SystemResolver({ timeout: 3_000, tries: 2 });

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/** All records; none when there is no such name or no such record. */
export async function records<T>(query: Promise<T[]>): Promise<T[]> {
  try {
    return await query;
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes(codeOf(error))) return [];
    throw error;
  }
}

/** Those who should know the name refuse, or know nothing of it: ESERVFAIL or EREFUSED from the resolver. */
export const isLame = (error: unknown): boolean => ['ESERVFAIL', 'EREFUSED'].includes(codeOf(error));

/** For a failed query: `public DNS gives no answer for example.com (ETIMEOUT)`. Undefined for any other error. */
export function dnsTrouble(error: unknown): string | undefined {
  const { syscall, hostname, code } = error as { syscall?: string; hostname?: string; code?: string };
  return syscall?.startsWith('query') ? `public DNS gives no answer for ${hostname} (${code})` : undefined;
}

/** `a.b.example.com`, `b.example.com`, `example.com`; a top-level domain is left out. */
export function upwards(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
}
