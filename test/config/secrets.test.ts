import { describe, expect, test } from 'vitest';
import { parseSecretReference, secretKind } from '../../src/config/secrets.ts';
import { refusal, render } from './refuses.ts';

describe('secretKind', () => {
  test.each([
    ['LOG_LEVEL', 'debug'],
    ['API_URL', 'https://api.example.com/v1?key=value'],
    ['REDIS_URL', 'redis://cache.internal:6379/0'],
    ['TOKEN', 'none'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '30'],
    ['JWT_ALGORITHM', 'HS256'],
    ['API_KEY', '/run/secrets/api-key-1'],
    ['COMMIT', '3f786850e387550fdab836ed7e6dc881de23001b'],
    ['SECRET', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf'],
    ['PUBLIC_KEY', '-----BEGIN PUBLIC KEY-----'],
    ['SENTRY_DSN', 'https://0123456789abcdef@o1.ingest.example.com/2'],
  ])('leaves %s=%s alone', (name, value) => {
    expect(secretKind(value, name)).toBeUndefined();
  });
});

test('no message repeats a secret', () => {
  const secret = 'hunter2hunter2hunter2';
  const texts = [
    render({ backend: { environment: { DB_PASSWORD: secret } } }),
    render({ backend: { environment: { URL: `amqp://user:${secret}@host` } } }),
    render({ backend: { secrets: { DB_PASSWORD: `${secret} with spaces` } } }),
    render({ backend: { secrets: { DB_PASSWORD: 12345678 } } }),
    render({ backend: { healthCommand: `curl https://user:${secret}@host` } }),
    render({ tags: { note: `postgres://user:${secret}@host` } }),
    `{ "backend": { "environment": { "DB_PASSWORD": ${secret} } } }`,
  ];
  for (const text of texts) expect(refusal(text).message).not.toMatch(/hunter2|12345678/);
});

test('a reference is a name or a full ARN, each with an optional JSON key', () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-AbCdEf';
  expect(parseSecretReference('app/stripe')).toEqual({ name: 'app/stripe' });
  expect(parseSecretReference('app/stripe:key')).toEqual({ name: 'app/stripe', jsonKey: 'key' });
  expect(parseSecretReference(arn)).toEqual({ arn });
  expect(parseSecretReference(`${arn}:password::`)).toEqual({ arn, jsonKey: 'password' });
  expect(parseSecretReference(`${arn}:::v1`)).toEqual({ arn });
  expect(parseSecretReference('arn:aws:secretsmanager:us-east-1:123456789012:secret:app')).toBeUndefined();
});
