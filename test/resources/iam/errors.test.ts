import { expect, it } from 'vitest';
import { passing } from '../../../src/aws/errors.ts';

const failure = (name: string, message: string): Error => Object.assign(new Error(message), { name });

it.each([
  ['DeleteConflictException', 'Cannot delete entity, must detach all policies first.'],
  ['NoSuchEntityException', 'The role with name tap-ecs-task-role cannot be found.'],
  [
    'MalformedPolicyDocumentException',
    'Invalid principal in policy: "Federated":"arn:aws:iam::123456789012:oidc-provider/x"',
  ],
])('%s passes: %s', (name, message) => expect(passing(failure(name, message))).toBeDefined());

it.each([
  ['NoSuchEntityException', 'Policy arn:aws:iam::aws:policy/X does not exist or is not attachable.'],
  ['MalformedPolicyDocumentException', 'Syntax errors in policy.'],
  ['LimitExceededException', 'Maximum policy size of 10240 bytes exceeded for role x'],
])('%s stays: %s', (name, message) => expect(passing(failure(name, message))).toBeUndefined());
