import { expect } from 'vitest';
import type { Control, Fault } from '../../src/local/control.ts';
import type { Run } from '../e2e/tap.ts';

export const DOMAIN = 'shop.example.com';
export const CONFIG = { project: 'shop', domain: DOMAIN, github: { repository: 'example-org/shop' } };

/** Calls that change AWS, since the log was last cleared. */
export async function changes(aws: Control): Promise<string[]> {
  return (await aws.calls()).filter(({ mutating }) => mutating).map(({ service, action }) => `${service} ${action}`);
}

/** Everything a person sees, with what differs from run to run replaced. */
export const seen = ({ exit, out, err }: Run): string =>
  `${out}${err}exit ${exit}`
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\/\S*\/tap-config-\w+\//g, '')
    .replaceAll(/ in \d+ s$/gm, '');

/** A message for a person, not a crash. */
export function expectClear({ out, err }: Run): void {
  expect(out + err).not.toMatch(/^\s+at .*:\d+/m);
  expect(out + err).not.toContain('bug in tap');
}

/** AWS refuses every call that matches. */
export const refusing = (service: string, action: string, code: string, message: string, status = 403): Fault[] => [
  { service, action, kind: 'error', code, message, status, times: 0 },
];
