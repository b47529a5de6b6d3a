import type { Tables } from '../refuses.ts';

export const unsafe: Tables = {
  prototype: [
    [
      'in a section',
      ['3:41  $.github.__proto__  the key "__proto__" is not allowed  — use another name'],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo", "__proto__": { "branch": "x" } }\n}`,
    ],
    [
      'written with an escape',
      ['4:3  $.__proto__  the key "__proto__" is not allowed  — use another name'],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "\\u005f_proto__": { "project": "x" }\n}`,
    ],
    [
      'at the bottom',
      [
        '4:37  $.database.url.query.__proto__  the key "__proto__" is not allowed  — use another name',
        '4:55  $.database.url.query.constructor  the key "constructor" is not allowed  — use another name',
      ],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "database": { "url": { "query": { "__proto__": "x", "constructor": "y" } } }\n}`,
    ],
    [
      'in a list',
      [
        '4:30  $.monitoring.emails[0]  must be a string, is an object  — write a string',
        '4:32  $.monitoring.emails[0].__proto__  the key "__proto__" is not allowed  — use another name',
      ],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "monitoring": { "emails": [{ "__proto__": {} }] }\n}`,
    ],
    [
      'in an overlay',
      ['4:70  $.environments.qa.backend.prototype  the key "prototype" is not allowed  — use another name'],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "environments": { "qa": { "domain": "qa.example.com", "backend": { "prototype": 1 } } }\n}`,
    ],
    [
      'as an environment',
      [
        '4:21  $.environments.__proto__  the key "__proto__" is not allowed  — use another name',
        '4:66  $.environments.constructor  the key "constructor" is not allowed  — use another name',
      ],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "environments": { "__proto__": { "domain": "qa.example.com" }, "constructor": {} }\n}`,
    ],
    [
      'inside what is unknown',
      [
        '4:3  $.x  unknown key "x"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
        '4:17  $.x.y.constructor  the key "constructor" is not allowed  — use another name',
      ],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "x": { "y": { "constructor": { "prototype": {} } } }\n}`,
    ],
    [
      'names that every object has',
      [
        '6:3  $.toString  unknown key "toString"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
        '7:3  $.hasOwnProperty  unknown key "hasOwnProperty"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
        '8:3  $.valueOf  unknown key "valueOf"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
        '9:3  $.__defineGetter__  unknown key "__defineGetter__"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
      ],
      { toString: 1, hasOwnProperty: 1, valueOf: 1, __defineGetter__: 1 },
    ],
    [
      'an environment that every object has',
      ['1:1  $.environments  has no environment "constructor"  — add it, or leave out --env'],
      {},
      'constructor',
    ],
    [
      'an environment that would be the prototype',
      ['1:1  $.environments  has no environment "__proto__"  — add it, or leave out --env'],
      {},
      '__proto__',
    ],
  ],
  twice: [
    [
      'a key further down',
      ['3:56  $.github.branch  the key "branch" is given twice  — keep one of the two'],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo", "branch": "a", "branch": "b" }\n}`,
    ],
    [
      'a key written with an escape',
      ['3:3  $.domain  the key "domain" is given twice  — keep one of the two'],
      `{\n  "domain": "example.com",\n  "dom\\u0061in": "example.org",\n  "github": { "repository": "org/repo" }\n}`,
    ],
    [
      'three times',
      ['6:3  $.tags  the key "tags" is given twice  — keep one of the two'],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "tags": {},\n  "tags": {},\n  "tags": {}\n}`,
    ],
    [
      'a key of an overlay',
      ['4:56  $.environments.qa.domain  the key "domain" is given twice  — keep one of the two'],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "environments": { "qa": { "domain": "a.example.com", "domain": "b.example.com" } }\n}`,
    ],
  ],
  top: [
    [
      'null',
      [
        '1:1  $  must be an object  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      'null',
    ],
    [
      'a number',
      [
        '1:1  $  must be an object  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      '42',
    ],
    [
      'true',
      [
        '1:1  $  must be an object  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      'true',
    ],
    [
      'a list of configs',
      [
        '1:1  $  must be an object  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      '[{}]',
    ],
    ['two configs', ['1:3  $  has something after the end of the config  — remove what follows the last }'], '{}{}'],
    [
      'no JSON at all',
      ['1:1  $  the key "domain" is not in quotes  — write "key": value'],
      'domain: example.com\ngithub:\n  repository: org/repo\n',
    ],
    [
      'a page of HTML',
      [
        '1:1  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      '<!DOCTYPE html><html></html>',
    ],
    [
      'a merge conflict',
      [
        '2:1  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      '{\n<<<<<<< HEAD\n  "domain": "example.com"\n=======\n',
    ],
  ],
  numbers: [
    [
      'too large for a number',
      ['1:89  $.backend.port  must be a whole number, is too large  — for example 8000'],
      '{ "domain": "example.com", "github": { "repository": "org/repo" }, "backend": { "port": 1e999 } }',
    ],
    [
      'negative',
      [
        '7:21  $.backend.desiredCount  must be a whole number from 1 to 1000, is -1  — choose one in that range',
        '8:27  $.backend.healthGraceSeconds  must be a whole number from 0 to 7200, is -1  — choose one in that range',
        '11:28  $.monitoring.responseTimeSeconds  must be a number from 0.05 to 4000, is -0.5  — choose one in that range',
      ],
      { backend: { desiredCount: -1, healthGraceSeconds: -1 }, monitoring: { responseTimeSeconds: -0.5 } },
    ],
    [
      'almost whole',
      ['7:18  $.database.storageGb  must be a whole number from 20 to 65536, is 20.000001  — choose one in that range'],
      { database: { storageGb: 20.000001 } },
    ],
    [
      'hexadecimal',
      [
        '1:25  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      '{ "backend": { "port": 0x1F40 } }',
    ],
    [
      'with a plus',
      [
        '1:24  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      '{ "backend": { "port": +8000 } }',
    ],
    [
      'without a digit before the point',
      [
        '1:42  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      '{ "monitoring": { "responseTimeSeconds": .5 } }',
    ],
    [
      'without a digit after the point',
      ['1:42  $  has an invalid number  — write it in digits, without a leading zero or plus'],
      '{ "monitoring": { "responseTimeSeconds": 5. } }',
    ],
    [
      'NaN',
      ['1:24  $  "NaN" is not JSON  — strings take double quotes; other values are true, false, null, numbers'],
      '{ "backend": { "port": NaN } }',
    ],
  ],
  size: [
    [
      '100,000 objects deep',
      ['1:161  $  is nested more than 32 levels deep  — a config needs at most 5 levels'],
      '{"a":'.repeat(100_000),
    ],
    [
      '100,000 levels deep, closed again',
      ['1:33  $  is nested more than 32 levels deep  — a config needs at most 5 levels'],
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    ],
    [
      'deep in one value',
      ['1:166  $  is nested more than 32 levels deep  — a config needs at most 5 levels'],
      `{ "tags": ${'{"a":'.repeat(40)}1${'}'.repeat(40)} }`,
    ],
    [
      'too many entries',
      ['1:1  $  has more than 10000 keys and values  — a config has dozens: is this the right file?'],
      { monitoring: { emails: Array.from({ length: 10_001 }, () => 'x') } },
    ],
    [
      'a long key',
      [
        '6:3  $["kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…"]  unknown key "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
      ],
      { ['k'.repeat(100_000)]: 1 },
    ],
    [
      'a long value',
      [
        '6:13  $.region  "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr…" is not an AWS region  — write the code of a region, such as "us-east-1"',
      ],
      { region: 'r'.repeat(100_000) },
    ],
  ],
};
