import type { Tables } from '../refuses.ts';

export const document: Tables = {
  file: [
    [
      'empty file',
      [
        '1:1  $  is empty  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      '',
    ],
    [
      'only spaces',
      [
        '1:1  $  is empty  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      ' \n ',
    ],
    [
      'a list',
      [
        '1:1  $  must be an object  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      '[]',
    ],
    [
      'a string',
      [
        '1:1  $  must be an object  — the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
      ],
      '"x"',
    ],
    [
      'comments, single quotes and trailing commas at once',
      [
        '1:3  $  has a comment, which JSON does not allow  — remove the comment',
        '3:21  $  has a comma after the last entry  — remove the comma',
        '3:24  $  has a comma after the last entry  — remove the comma',
      ],
      `{ // note\n  "domain": "example.com",\n  "tags": { "a": "b", },\n}`,
    ],
    ['an unclosed comment', ['1:4  $  has a comment, which JSON does not allow  — remove the comment'], '{} /* x'],
    [
      'single quotes',
      ['1:3  $  has a string in single quotes  — use double quotes: "text"'],
      "{ 'domain': 'example.com' }",
    ],
    [
      'a key without quotes',
      ['2:3  $  the key "domain" is not in quotes  — write "key": value'],
      '{\n  domain: "example.com"\n}',
    ],
    [
      'a missing comma',
      ['3:3  $  a comma is missing before this  — put a comma between two entries'],
      '{\n  "domain": "example.com"\n  "tags": {}\n}',
    ],
    [
      'a missing colon',
      ['1:12  $  a colon is missing before this  — write "key": value'],
      '{ "domain" "example.com" }',
    ],
    ['a missing value', ['1:13  $  a value is missing here  — add the value after the colon'], '{ "domain": }'],
    [
      'a doubled comma',
      ['1:27  $  a key in double quotes is expected here  — write "key": value'],
      '{ "domain": "example.com",, "tags": {} }',
    ],
    [
      'cut off',
      ['2:12  $  ends too early: a bracket is not closed  — close every { and ['],
      '{ "domain": "example.com",\n  "tags": {',
    ],
    [
      'something after the end',
      ['2:1  $  has something after the end of the config  — remove what follows the last }'],
      '{ "domain": "example.com" }\n}',
    ],
    [
      'a string over two lines',
      ['1:13  $  has a string that is not closed  — end it with a double quote on the same line'],
      '{ "domain": "example\n.com" }',
    ],
    [
      'a bad escape',
      ['1:13  $  has an invalid escape in a string  — write \\\\ for a backslash'],
      '{ "domain": "c:\\dir" }',
    ],
    [
      'a leading zero',
      ['1:15  $  has a number with a leading zero  — write it without the zero, or in quotes'],
      '{ "account": 012345678901 }',
    ],
    [
      'a Python literal',
      ['1:34  $  "True" is not JSON  — strings take double quotes; other values are true, false, null, numbers'],
      '{ "backend": { "executeCommand": True } }',
    ],
    [
      'a long bare word, which may be a secret',
      [
        '1:8  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      '{ "a": Zm9vYmFyYmF6cXV4 }',
    ],
    [
      'deep nesting',
      ['1:33  $  is nested more than 32 levels deep  — a config needs at most 5 levels'],
      '['.repeat(100000),
    ],
    [
      'duplicate keys',
      ['3:3  $.domain  the key "domain" is given twice  — keep one of the two'],
      '{\n  "domain": "example.com",\n  "domain": "example.org",\n  "github": { "repository": "org/repo" }\n}',
    ],
    [
      'keys that would reach the prototype',
      [
        '4:3  $.__proto__  the key "__proto__" is not allowed  — use another name',
        '5:33  $.backend.environment.constructor  the key "constructor" is not allowed  — use another name',
        '6:3  $.prototype  the key "prototype" is not allowed  — use another name',
      ],
      '{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "__proto__": { "project": "x" },\n  "backend": { "environment": { "constructor": "x" } },\n  "prototype": {}\n}',
    ],
    [
      'nothing in it',
      [
        '1:1  $.domain  is required  — add "domain": "example.com"',
        '1:1  $.github  is required  — add "github": { "repository": "org/repo" }',
      ],
      '{}',
    ],
  ],
};
