import type { CaaRecord } from 'node:dns';
import type { Resolver } from '../../src/doctor/resolver.ts';

/** `{ 'example.com NS': ['ns-1.example.net'] }`; an error code stands for an answer that does not come. */
export type Records = Readonly<Record<string, readonly string[] | readonly CaaRecord[] | 'ESERVFAIL' | 'ETIMEOUT'>>;

/** Public DNS that knows only these records. */
export function publicDns(known: Records): Resolver {
  const query = async <T>(name: string, type: string): Promise<T[]> => {
    const found = known[`${name} ${type}`];
    if (Array.isArray(found)) return [...(found as T[])];
    const code = typeof found === 'string' ? found : 'ENOTFOUND';
    throw Object.assign(new Error(`query ${code} ${name}`), { code, syscall: `query${type}`, hostname: name });
  };
  return {
    resolve4: (name) => query<string>(name, 'A'),
    resolveNs: (name) => query<string>(name, 'NS'),
    resolveCname: (name) => query<string>(name, 'CNAME'),
    resolveCaa: (name) => query<CaaRecord>(name, 'CAA'),
  };
}
