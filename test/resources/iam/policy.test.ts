import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/resources/iam/policy.ts';

const parsed = (document: unknown): unknown => parsePolicy(JSON.stringify(document));

describe('a live policy document', () => {
  it('may be percent-encoded, as IAM reports it, or not', () => {
    const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Sid: '50%25 of + it' }] };
    expect(parsePolicy(encodeURIComponent(JSON.stringify(document)))).toEqual(document);
    expect(parsed(document)).toEqual(document);
  });

  it('has a list of statements, and no list of one elsewhere', () => {
    expect(parsed({ Statement: { Action: ['a'], Condition: { StringEquals: { k: ['v'], l: ['v', 'w'] } } } })).toEqual({
      Statement: [{ Action: 'a', Condition: { StringEquals: { k: 'v', l: ['v', 'w'] } } }],
    });
  });

  it('has a statement for each type of principal', () => {
    expect(parsed({ Statement: [{ Action: 'a', Principal: { AWS: ['1', '2'], Service: 's' } }] })).toEqual({
      Statement: [
        { Action: 'a', Principal: { AWS: ['1', '2'] } },
        { Action: 'a', Principal: { Service: 's' } },
      ],
    });
    expect(parsed({ Statement: [{ Principal: '*' }] })).toEqual({ Statement: [{ Principal: '*' }] });
  });

  it('may be missing', () => expect(parsePolicy(undefined)).toEqual({}));
});
