import { expect, it } from 'vitest';
import { passing } from '../../../src/aws/errors.ts';

const refusal = (message: string): Error => Object.assign(new Error(message), { name: 'InvalidParameterException' });

it('a domain that is still being deleted holds up its pool for a while', () => {
  const message = 'User pool cannot be deleted. It has a domain configured that should be deleted first.';
  expect(passing(refusal(message))).toMatch(/still being deleted/);
});

it('a domain of its own waits for the A record above it', () => {
  const message =
    'Custom domain is not a valid subdomain: Was not able to resolve the root domain, please ensure an A record exists for the root domain.';
  expect(passing(refusal(message))).toMatch(/no A record yet/);
});

it('a domain that somebody else has stays a mistake', () => {
  expect(passing(refusal('Domain already associated with another user pool.'))).toBeUndefined();
});
