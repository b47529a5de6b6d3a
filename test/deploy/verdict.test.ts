import { describe, expect, it } from 'vitest';
import { exitOf, judge, type Sight } from '../../src/deploy/verdict.ts';

const GOING: Sight = {
  status: 'IN_PROGRESS',
  statusReason: undefined,
  desired: 2,
  serving: 0,
  overtaken: false,
  looksSince: 0,
  late: false,
};
const ending = (sight: Partial<Sight>): string | undefined => judge({ ...GOING, ...sight })?.ending;

describe('a deployment is judged by its own status', () => {
  it.each([
    ['goes on', { status: 'IN_PROGRESS' }, undefined],
    ['is not listed yet', { status: undefined }, undefined],
    ['has a status that nobody knows', { status: 'NEW_IN_AWS' as never }, undefined],
    ['is asked to stop', { status: 'STOP_REQUESTED' }, undefined],
    ['rolls back', { status: 'ROLLBACK_IN_PROGRESS', serving: 2 }, undefined],
    ['has succeeded and serves', { status: 'SUCCESSFUL', serving: 1 }, 'succeeded'],
    ['has rolled back', { status: 'ROLLBACK_SUCCESSFUL', serving: 2 }, 'rolled back'],
    ['could not roll back', { status: 'ROLLBACK_FAILED' }, 'failed'],
    ['has no time left', { late: true }, 'timed out'],
    ['has no time left while it rolls back', { status: 'ROLLBACK_IN_PROGRESS', late: true }, 'timed out'],
    ['has ended just in time', { status: 'SUCCESSFUL', serving: 1, late: true }, 'succeeded'],
  ] as const)('when it %s', (_what, sight, expected) => expect(ending(sight)).toBe(expected));
});

describe('success is not believed', () => {
  it('before a task of the release is seen running', () =>
    expect(ending({ status: 'SUCCESSFUL', looksSince: 1 })).toBe(undefined));
  it('when none is seen after a while', () => expect(ending({ status: 'SUCCESSFUL', looksSince: 5 })).toBe('failed'));
  it('when the service runs no task at all', () => expect(ending({ status: 'SUCCESSFUL', desired: 0 })).toBe('failed'));
});

describe('a newer deployment', () => {
  it('supersedes one that AWS stopped', () =>
    expect(ending({ status: 'STOPPED', overtaken: true })).toBe('superseded'));
  it('supersedes one that was successful for a moment', () =>
    expect(ending({ status: 'SUCCESSFUL', overtaken: true })).toBe('superseded'));
  it('supersedes one that AWS forgets to stop', () =>
    expect(ending({ overtaken: true, looksSince: 5 })).toBe('superseded'));
  it('may be seen later than the end of the one before', () => {
    expect(ending({ status: 'STOPPED', looksSince: 1 })).toBe(undefined);
    expect(ending({ status: 'STOPPED', looksSince: 5 })).toBe('failed');
  });
});

it('says what AWS said', () =>
  expect(judge({ ...GOING, status: 'ROLLBACK_FAILED', statusReason: 'no healthy task' })?.why).toBe(
    'the roll-back failed as well: no healthy task',
  ));

it.each([
  ['succeeded', {}, 0],
  ['failed', {}, 1],
  ['rolled back', {}, 6],
  ['superseded', {}, 0],
  ['superseded', { strict: true }, 7],
  ['timed out', {}, 8],
  ['interrupted', {}, 130],
] as const)('%s, %j: exit %i', (outcome, options, exit) => expect(exitOf(outcome, options)).toBe(exit));
