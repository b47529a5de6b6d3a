import type { Tables } from '../refuses.ts';

export const identity: Tables = {
  project: [
    [
      'capitals',
      [
        '6:14  $.project  is not a project name  — use lower-case letters, digits and single hyphens, starting with a letter',
      ],
      { project: 'Tap' },
    ],
    [
      'two hyphens',
      [
        '6:14  $.project  is not a project name  — use lower-case letters, digits and single hyphens, starting with a letter',
      ],
      { project: 'my--app' },
    ],
    [
      'a look-alike letter',
      [
        '6:14  $.project  contains the character U+0430, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { project: 't\u0430p' },
    ],
    [
      'a control character',
      [
        '6:14  $.project  contains the character U+0000, which is not plain ASCII  — type it again with plain ASCII characters',
      ],
      { project: 'tap\u0000' },
    ],
    [
      'too long',
      [
        '6:14  $.project  makes the load balancer name "a-very-long-name-for-a-project-alb", 34 characters where AWS takes 32  — "a-very-long-name-for-a-project" may have at most 28 characters',
      ],
      { project: 'a-very-long-name-for-a-project' },
    ],
    [
      'a word Cognito refuses',
      [
        '6:14  $.project  contains "cognito", which Cognito refuses in the domain prefix made from it  — set auth.domainPrefix',
      ],
      { project: 'my-cognito-app' },
    ],
    [
      'a prefix AWS keeps',
      [
        '6:14  $.project  is not possible: a parameter path may not start with "aws"  — choose another project name',
        '6:14  $.project  contains "aws", which Cognito refuses in the domain prefix made from it  — set auth.domainPrefix',
      ],
      { project: 'awsome' },
    ],
    [
      'internal',
      [
        '6:14  $.project  is not possible: a load balancer name may not start with "internal-"  — choose another project name',
      ],
      { project: 'internal' },
    ],
    [
      'a word PostgreSQL keeps',
      ['6:14  $.project  makes the database name "user", which PostgreSQL or RDS does not take  — set database.name'],
      { project: 'user' },
    ],
  ],

  place: [
    [
      'a region with a typo',
      ['6:13  $.region  "us-esat-1" is not an AWS region  — did you mean "us-east-1"?'],
      { region: 'us-esat-1' },
    ],
    [
      'an Availability Zone as region',
      ['6:13  $.region  "us-east-1a" is an Availability Zone  — write "us-east-1"'],
      { region: 'us-east-1a' },
    ],
    [
      'a region of another partition',
      [
        '6:13  $.region  "cn-north-1" is outside the commercial AWS partition  — use a commercial region such as "us-east-1"',
      ],
      { region: 'cn-north-1' },
    ],
    [
      'a short account',
      ['6:14  $.account  is not an AWS account id  — write its 12 digits in quotes'],
      { account: '1234' },
    ],
  ],

  domain: [
    [
      'a URL',
      ['2:13  $.domain  must be a host name, not a URL  — write "example.com"'],
      { domain: 'https://Example.com/app' },
    ],
    ['capitals', ['2:13  $.domain  has capital letters  — write "example.com"'], { domain: 'Example.com' }],
    ['a trailing dot', ['2:13  $.domain  ends with a dot  — write "example.com"'], { domain: 'example.com.' }],
    [
      'umlauts',
      [
        '2:13  $.domain  contains the character U+00FC, which is not plain ASCII  — if these letters are meant, write it in punycode: "xn--bcher-kva.example"',
      ],
      { domain: 'b\u00fccher.example' },
    ],
    [
      'api. in front',
      ['2:13  $.domain  starts with "api.", which is added for the API  — write "example.com"'],
      { domain: 'api.example.com' },
    ],
    [
      'a wildcard',
      ['2:13  $.domain  is a wildcard  — write "example.com"; the certificate covers *.example.com anyway'],
      { domain: '*.example.com' },
    ],
    [
      'one label',
      [
        '2:13  $.domain  needs at least two parts with a dot between them  — write a name you own, such as "example.com" or "app.example.com"',
      ],
      { domain: 'localhost' },
    ],
    [
      'an underscore',
      [
        '2:13  $.domain  has the part "my_app", which no host name may have  — each part takes 1-63 letters, digits and inner hyphens',
      ],
      { domain: 'my_app.example.com' },
    ],
    [
      'an address',
      [
        '2:13  $.domain  is an IP address, not a domain  — write a name you own, such as "example.com" or "app.example.com"',
      ],
      { domain: '10.0.0.1' },
    ],
    [
      'a port',
      ['2:13  $.domain  has a port  — write "example.com"; the site is served on 443'],
      { domain: 'example.com:8080' },
    ],
    [
      'too long for a certificate',
      ['2:13  $.domain  has 72 characters; a certificate takes at most 64  — use a shorter domain'],
      { domain: `${'a'.repeat(60)}.example.com` },
    ],
  ],

  dns: [
    [
      'a zone id with its path',
      ['7:19  $.dns.hostedZone  is not the id of a hosted zone  — write "Z0123456789"'],
      { dns: { hostedZone: '/hostedzone/Z0123456789' } },
    ],
    [
      'true',
      ['7:19  $.dns.hostedZone  must be "auto", false or the id of a hosted zone, is a boolean  — for example "auto"'],
      { dns: { hostedZone: true } },
    ],
  ],

  github: [
    [
      'a URL',
      ['4:19  $.github.repository  must be "org/repo", not a URL  — write "org/repo"'],
      { github: { repository: 'https://github.com/org/repo.git' } },
    ],
    [
      'only the name',
      [
        '4:19  $.github.repository  must be "org/repo"  — copy it from the address of the repository: github.com/<org>/<repo>',
      ],
      { github: { repository: 'repo' } },
    ],
    [
      'a wildcard',
      ['4:19  $.github.repository  has a wildcard: any such repository could deploy  — name exactly one repository'],
      { github: { repository: 'org/*' } },
    ],
    [
      'a full ref',
      ['5:15  $.github.branch  must be the short name  — write "main"'],
      { github: { repository: 'org/repo', branch: 'refs/heads/main' } },
    ],
    [
      'a wildcard branch',
      [
        '5:15  $.github.branch  is not a branch name  — write the exact name of one branch, without wildcards, such as "main"',
      ],
      { github: { repository: 'org/repo', branch: 'release/*' } },
    ],
    [
      'half of the ids',
      [
        '5:16  $.github.ownerId  needs github.repositoryId as well  — add it, or leave both out: they form one OIDC subject',
      ],
      { github: { repository: 'org/repo', ownerId: '42' } },
    ],
    [
      'a wildcard environment',
      [
        '7:7  $.github.environments[1]  is not the exact name of an environment  — write it without wildcards, quotes and colons',
      ],
      { github: { repository: 'org/repo', environments: ['prod', '*'] } },
    ],
  ],
};
