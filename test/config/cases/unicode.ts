import type { Tables } from '../refuses.ts';

export const unicode: Tables = {
  keys: [
    [
      'a Cyrillic letter',
      ['6:3  $["pr\\u{43e}ject"]  unknown key "pr\\u{43e}ject"  — did you mean "project"?'],
      { 'pr\u043eject': 'x' },
    ],
    [
      'a zero-width space',
      ['6:3  $["region\\u{200b}"]  unknown key "region\\u{200b}"  — did you mean "region"?'],
      { 'region\u200b': 'us-east-1' },
    ],
    [
      'a mark that turns the direction of writing',
      [
        '6:3  $["\\u{202e}noiger"]  unknown key "\\u{202e}noiger"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
      ],
      { '\u202enoiger': 'us-east-1' },
    ],
    [
      'full-width letters',
      ['6:3  $["\\u{ff52}egion"]  unknown key "\\u{ff52}egion"  — did you mean "region"?'],
      { '\uff52egion': 'us-east-1' },
    ],
    [
      'a soft hyphen',
      ['6:3  $["net\\u{ad}work"]  unknown key "net\\u{ad}work"  — did you mean "network"?'],
      { 'net\u00adwork': {} },
    ],
    [
      'NUL',
      ['6:3  $["region\\u0000"]  unknown key "region\\u0000"  — did you mean "region"?'],
      { 'region\u0000': 'us-east-1' },
    ],
    [
      'half a character',
      ['6:3  $["region\\ud800"]  unknown key "region\\ud800"  — did you mean "region"?'],
      { 'region\ud800': 'us-east-1' },
    ],
    [
      'a Greek letter in a variable',
      [
        '8:7  $.backend.environment["\\u{391}PI_URL"]  contains the character U+0391, which is not plain ASCII  — type it again with plain ASCII characters',
        '11:7  $.backend.secrets["K\\u{395}Y"]  contains the character U+0395, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { backend: { environment: { '\u0391PI_URL': 'x' }, secrets: { 'K\u0395Y': 'a' } } },
    ],
    [
      'a zero-width joiner in a tag',
      [
        '7:5  $.tags["te\\u{200d}am"]  "te\\u{200d}am" is not a tag key  — use 1-128 letters, digits, spaces and _ . : / = + - @',
      ],
      { tags: { 'te\u200dam': 'x' } },
    ],
    [
      'a Cyrillic letter in an environment',
      [
        '7:5  $.environments["st\\u{430}ging"]  "st\\u{430}ging" is not an environment name  — use lower-case letters, digits and single hyphens, starting with a letter',
      ],
      { environments: { 'st\u0430ging': { domain: 'staging.example.com' } } },
    ],
  ],
  values: [
    [
      'a Cyrillic letter in the domain',
      [
        '2:13  $.domain  contains the character U+0430, which is not plain ASCII  — if these letters are meant, write it in punycode: "xn--exmple-4nf.com"',
      ],
      { domain: 'ex\u0430mple.com' },
    ],
    [
      'full-width letters in the domain',
      [
        '2:13  $.domain  contains the character U+FF45, which is not plain ASCII  — if these letters are meant, write it in punycode: "example.com"',
      ],
      { domain: '\uff45xample.com' },
    ],
    [
      'a zero-width space in the domain',
      [
        '2:13  $.domain  contains the character U+200B, which is not plain ASCII  — if these letters are meant, write it in punycode: "example.com"',
      ],
      { domain: 'exam\u200bple.com' },
    ],
    [
      'full-width digits',
      [
        '6:14  $.account  contains the character U+FF11, which is not plain ASCII  — type it again with plain ASCII characters',
        '8:12  $.backend.cpu  must be a whole number, is a string  — for example 256',
      ],
      { account: '\uff11\uff12345678901\uff12', backend: { cpu: '\uff12\uff15\uff16' } },
    ],
    [
      'a zero-width space in the region',
      [
        '6:13  $.region  contains the character U+200B, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { region: 'us-east-1\u200b' },
    ],
    [
      'the direction of writing in the repository',
      [
        '4:19  $.github.repository  contains the character U+202E, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { github: { repository: 'org/\u202eoper' } },
    ],
    [
      'a byte order mark in the branch',
      [
        '5:15  $.github.branch  contains the character U+FEFF, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { github: { repository: 'org/repo', branch: '\ufeffmain' } },
    ],
    [
      'a Cyrillic letter in a GitHub environment',
      [
        '6:7  $.github.environments[0]  contains the character U+043E, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { github: { repository: 'org/repo', environments: ['pr\u043eduction'] } },
    ],
    [
      'a non-breaking space',
      [
        '7:22  $.database.instanceClass  contains the character U+00A0, which is not plain ASCII  — type it again with plain ASCII characters',
        '8:22  $.database.engineVersion  contains the character U+0666, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { database: { instanceClass: 'db.t4g.micro\u00a0', engineVersion: '1\u0666' } },
    ],
    [
      'an accent of its own',
      [
        '8:7  $.monitoring.emails[0]  contains the character U+0301, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { monitoring: { emails: ['rene\u0301@example.com'] } },
    ],
    [
      'an emoji in a choice',
      ['7:12  $.network.nat  "single\\u{1f642}" is not one of "single", "per-az", "none"  — did you mean "single"?'],
      { network: { nat: 'single\ud83d\ude42' } },
    ],
    [
      'look-alikes in names of the database',
      [
        '7:13  $.database.name  contains the character U+0430, which is not plain ASCII  — type it again with plain ASCII characters',
        '8:13  $.database.user  contains the character U+0430, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { database: { name: 't\u0430p', user: '\u0430pp' } },
    ],
    [
      'an Arabic digit in a network',
      [
        '7:13  $.network.cidr  contains the character U+0660, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { network: { cidr: '1\u0660.0.0.0/16' } },
    ],
    [
      'a look-alike in a model',
      [
        '8:7  $.bedrock.models[0]  contains the character U+0430, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { bedrock: { models: ['us.\u0430nthropic.claude-sonnet-4-6'] } },
    ],
    [
      'the direction of writing in a tag',
      ['7:13  $.tags.team  is not a tag value  — use up to 256 letters, digits, spaces and _ . : / = + - @'],
      { tags: { team: 'a\u2067b' } },
    ],
  ],
  'free text': [
    [
      'NUL in a variable',
      ['8:12  $.backend.environment.A  contains the character U+0000, which cannot be seen  — remove it'],
      { backend: { environment: { A: 'x\u0000y' } } },
    ],
    [
      'an escape sequence of terminals',
      ['8:12  $.backend.environment.A  contains the character U+001B, which cannot be seen  — remove it'],
      { backend: { environment: { A: '\u001b[2J' } } },
    ],
    [
      'the direction of writing',
      ['8:12  $.backend.environment.A  contains the character U+202E, which cannot be seen  — remove it'],
      { backend: { environment: { A: 'user\u202e' } } },
    ],
    [
      'a zero-width space',
      ['8:12  $.frontend.environment.A  contains the character U+200B, which cannot be seen  — remove it'],
      { frontend: { environment: { A: 'a\u200bb' } } },
    ],
    [
      'half a character',
      ['8:12  $.backend.environment.A  contains the character U+DC00, which cannot be seen  — remove it'],
      { backend: { environment: { A: '\udc00' } } },
    ],
    [
      'NUL in commands',
      [
        '8:7  $.backend.migrate[0]  contains the character U+0000, which cannot be seen  — remove it',
        '12:7  $.backend.healthCommand[1]  contains the character U+0007, which cannot be seen  — remove it',
        '18:9  $.frontend.build.command[0]  contains the character U+0085, which cannot be seen  — remove it',
      ],
      {
        backend: { migrate: ['a\u0000'], healthCommand: ['CMD', 'b\u0007'] },
        frontend: { build: { command: ['c\u0085'] } },
      },
    ],
    [
      'a line separator in what the smoke test looks for',
      ['7:18  $.backend.smokeText  contains the character U+2028, which cannot be seen  — remove it'],
      { backend: { smokeText: 'ok\u2028' } },
    ],
    [
      'an invisible mark in an option of the URL',
      ['9:20  $.database.url.query.sslmode  contains the character U+FEFF, which cannot be seen  — remove it'],
      { database: { url: { query: { sslmode: 'require\ufeff' } } } },
    ],
    [
      'NUL and an invisible mark in folders',
      [
        '8:18  $.backend.build.context  is not a path  — write one such as "app/backend"',
        '13:17  $.frontend.build.output  contains the character U+2060, which cannot be seen  — remove it',
      ],
      { backend: { build: { context: 'app\u0000' } }, frontend: { build: { output: 'dist\u2060' } } },
    ],
  ],
  syntax: [
    [
      'typographic quotes',
      ['1:3  $  the key "\\u{201c}domain\\u{201d}" is not in quotes  — write "key": value'],
      `{ \u201cdomain\u201d: \u201cexample.com\u201d }`,
    ],
    [
      'a non-breaking space between',
      [
        '1:12  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      `{ "domain":\u00a0"example.com" }`,
    ],
    [
      'a zero-width space between',
      [
        '1:12  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      `{ "domain":\u200b"example.com" }`,
    ],
    [
      'a tab in a string',
      ['1:13  $  has a control character in a string  — write \\n for a line break, \\t for a tab'],
      `{ "domain": "a\tb" }`,
    ],
    [
      'a control character in a string',
      ['1:13  $  has a control character in a string  — write \\n for a line break, \\t for a tab'],
      `{ "domain": "a\u0001b" }`,
    ],
    [
      'a broken escape',
      ['1:13  $  has an invalid escape in a string  — write \\\\ for a backslash'],
      `{ "domain": "\\u12" }`,
    ],
  ],
};
