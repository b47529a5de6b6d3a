import type { Tables } from '../refuses.ts';

export const secrets: Tables = {
  'in a variable': [
    [
      'of AWS, for a session',
      [
        '8:12  $.backend.environment.A  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: 'ASIAIOSFODNN7EXAMPLE' } } },
    ],
    [
      'a key in PEM',
      [
        '8:12  $.backend.environment.A  looks like a private key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        backend: {
          environment: { A: '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY' },
        },
      },
    ],
    [
      'an encrypted key in PEM',
      [
        '8:12  $.backend.environment.A  looks like a private key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: '-----BEGIN ENCRYPTED PRIVATE KEY-----' } } },
    ],
    [
      'of GitHub',
      [
        '8:12  $.backend.environment.A  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '9:12  $.backend.environment.B  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        backend: {
          environment: { A: 'github_pat_11ABCDEFG0abcdefghijkl', B: 'Bearer gho_16C7e42F292c6912E7710c838347Ae178B4a' },
        },
      },
    ],
    [
      'of GitLab',
      [
        '8:12  $.backend.environment.A  looks like a GitLab token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: 'glpat-x8Yz1234567890abcdef' } } },
    ],
    [
      'of Slack',
      [
        '8:12  $.backend.environment.A  looks like a Slack token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '9:12  $.backend.environment.B  looks like a Slack webhook, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        backend: {
          environment: { A: 'xoxb-123456789012-abcdefghijkl', B: 'https://hooks.slack.com/services/T000/B000/XXXX' },
        },
      },
    ],
    [
      'of Google',
      [
        '8:12  $.backend.environment.A  looks like a Google API key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '9:12  $.backend.environment.B  looks like a Google OAuth client secret, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: 'AIzaSyA1234567890abcdefghijklmnopqrstuv', B: 'GOCSPX-abcdefghijklmnopqrstu' } } },
    ],
    [
      'of a provider of models',
      [
        '8:12  $.backend.environment.A  looks like an Anthropic or OpenAI key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: 'sk-ant-api03-x1y2x1y2x1y2x1y2x1y2' } } },
    ],
    [
      'of SendGrid and npm',
      [
        '8:12  $.backend.environment.A  looks like a SendGrid key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '9:12  $.backend.environment.B  looks like an npm token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        backend: {
          environment: { A: 'SG.abcdefghijklmnop1.abcdefghijklmnop2', B: 'npm_abcdefghijklmnopqrstuvwxyz0123456789' },
        },
      },
    ],
    [
      'a JSON web token',
      [
        '8:12  $.backend.environment.A  looks like a JSON web token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N' } } },
    ],
    [
      'a database URL',
      [
        '8:12  $.backend.environment.A  looks like a password in a URL, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { environment: { A: 'postgresql+asyncpg://app:correct-horse@db:5432/app' } } },
    ],
    [
      'by the name alone',
      [
        '8:22  $.backend.environment.DB_PASSWORD  looks like a secret, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '9:18  $.backend.environment.api_key  looks like a secret, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '10:21  $.backend.environment.JWT_SECRET  looks like a secret, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        backend: {
          environment: {
            DB_PASSWORD: 'Tr0ub4dor&3xyz',
            api_key: '0123456789abcdef',
            JWT_SECRET: 'c2VjcmV0c2VjcmV0MQ==',
          },
        },
      },
    ],
    [
      'as a number',
      ['8:22  $.backend.environment.DB_PASSWORD  must be a string, is a number  — write it in quotes'],
      { backend: { environment: { DB_PASSWORD: 987654321012 } } },
    ],
    [
      'in an overlay',
      [
        '11:16  $.environments.qa.backend.environment.A  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { environments: { qa: { domain: 'qa.example.com', backend: { environment: { A: 'AKIAIOSFODNN7EXAMPLE' } } } } },
    ],
    [
      'in the build of the site',
      [
        '8:19  $.frontend.environment.VITE_KEY  looks like a Stripe key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { frontend: { environment: { VITE_KEY: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' } } },
    ],
  ],
  elsewhere: [
    [
      'in tags',
      [
        '7:14  $.tags.owner  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '8:5  $.tags["…"]  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { tags: { owner: 'AKIAIOSFODNN7EXAMPLE', ghp_16C7e42F292c6912E7710c838347Ae178B4a: 'x' } },
    ],
    [
      'in commands',
      [
        '10:7  $.backend.migrate[2]  looks like a password in a URL, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '16:7  $.backend.healthCommand[3]  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '23:9  $.frontend.build.command[1]  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        backend: {
          migrate: ['migrate', '--url', 'postgres://app:correct-horse@db/app'],
          healthCommand: ['CMD', 'curl', '-H', 'Authorization: ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
        },
        frontend: { build: { command: ['build', 'AKIAIOSFODNN7EXAMPLE'] } },
      },
    ],
    [
      'in what the smoke test looks for',
      [
        '7:18  $.backend.smokeText  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { smokeText: 'AKIAIOSFODNN7EXAMPLE' } },
    ],
    [
      'in an option of the URL',
      [
        '9:20  $.database.url.query.options  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { database: { url: { query: { options: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a' } } } },
    ],
    [
      'in names',
      [
        '6:14  $.project  is not a project name  — use lower-case letters, digits and single hyphens, starting with a letter',
        '7:13  $.region  "…" is not an AWS region  — write the code of a region, such as "us-east-1"',
        '8:14  $.account  is not an AWS account id  — write its 12 digits in quotes',
        '10:12  $.network.nat  "…" is not one of "single", "per-az", "none"  — choose one of them',
        '13:13  $.database.user  is not a database user  — use 1-16 lower-case letters, digits and _, starting with a letter',
      ],
      {
        project: 'AKIAIOSFODNN7EXAMPLE',
        region: 'AKIAIOSFODNN7EXAMPLE',
        account: 'AKIAIOSFODNN7EXAMPLE',
        network: { nat: 'AKIAIOSFODNN7EXAMPLE' },
        database: { user: 'AKIAIOSFODNN7EXAMPLE' },
      },
    ],
    [
      'in the domain',
      ['2:13  $.domain  must be a host name, not a URL  — write "example.com"'],
      { domain: 'https://app:correct-horse@example.com/' },
    ],
    [
      'in the repository',
      [
        '4:19  $.github.repository  must be "org/repo"  — copy it from the address of the repository: github.com/<org>/<repo>',
      ],
      { github: { repository: 'https://x:ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/org/repo.git' } },
    ],
    [
      'in the branch',
      [
        '5:15  $.github.branch  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '7:7  $.github.environments[0]  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      {
        github: {
          repository: 'org/repo',
          branch: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
          environments: ['AKIAIOSFODNN7EXAMPLE'],
        },
      },
    ],
    [
      'as an unknown key',
      [
        '6:3  $["…"]  unknown key "…"  — remove it; known here: project, region, account, domain, tags, dns, github, network, database, backend, frontend, auth, bedrock, monitoring',
      ],
      { ghp_16C7e42F292c6912E7710c838347Ae178B4a: 1 },
    ],
    [
      'as the name of an environment',
      [
        '7:5  $.environments["…"]  "…" is not an environment name  — use lower-case letters, digits and single hyphens, starting with a letter',
      ],
      { environments: { ghp_16C7e42F292c6912E7710c838347Ae178B4a: {} } },
    ],
    [
      'in the image that stands in',
      [
        '7:25  $.backend.placeholderImage  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { placeholderImage: 'AKIAIOSFODNN7EXAMPLE' } },
    ],
    [
      'in folders',
      [
        '8:18  $.backend.build.context  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { backend: { build: { context: 'AKIAIOSFODNN7EXAMPLE' } } },
    ],
    [
      'in the address of the schema',
      [
        '6:14  $.$schema  looks like a password in a URL, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
      ],
      { $schema: 'https://app:correct-horse@example.com/schema.json' },
    ],
    [
      'in addresses',
      [
        '7:12  $.frontend.url  contains credentials, which do not belong in a file  — write one such as "https://example.com"',
        '11:7  $.monitoring.emails[0]  is not an e-mail address  — write one address per entry, such as "ops@example.com"',
      ],
      { frontend: { url: 'https://app:correct-horse@example.com' }, monitoring: { emails: ['AKIAIOSFODNN7EXAMPLE'] } },
    ],
    [
      'as a second key of the same name',
      [
        '4:38  $.backend.environment.A  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '4:62  $.backend.environment.A  the key "A" is given twice  — keep one of the two',
      ],
      `{\n  "domain": "example.com",\n  "github": { "repository": "org/repo" },\n  "backend": { "environment": { "A": "AKIAIOSFODNN7EXAMPLE", "A": "AKIAIOSFODNN7EXAMPLE" } }\n}`,
    ],
    [
      'without quotes',
      [
        '2:48  $  has something here that is not JSON  — strings take double quotes; other values are true, false, null, numbers',
      ],
      `{\n  "backend": { "environment": { "DB_PASSWORD": hunter2 } }\n}`,
    ],
    [
      'instead of a reference',
      [
        '8:12  $.backend.secrets.A  looks like a GitHub token instead of the name of a secret  — put the value in Secrets Manager and write the name of that secret here',
        '9:12  $.backend.secrets.B  is not the name or ARN of a secret  — write "name", "name:jsonKey" or the full ARN',
      ],
      { backend: { secrets: { A: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a', B: 'p@ss word 1' } } },
    ],
  ],
};
