import type { Tables } from '../refuses.ts';

export const application: Tables = {
  backend: [
    [
      'port',
      ['7:13  $.backend.port  must be a whole number from 1 to 65535, is 70000  — choose one in that range'],
      { backend: { port: 70000 } },
    ],
    [
      'health path',
      ['7:19  $.backend.healthPath  is not a path  — start it with "/" and use no spaces, such as "/health"'],
      { backend: { healthPath: 'health' } },
    ],
    [
      'no such cpu',
      ['7:12  $.backend.cpu  must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, is 300  — the nearest is 256'],
      { backend: { cpu: 300 } },
    ],
    [
      'memory that Fargate does not pair with the cpu',
      [
        '8:15  $.backend.memory  Fargate has no 512 MiB with cpu 1024, only 2048 to 8192 in steps of 1024  — use 2048, or another cpu',
      ],
      { backend: { cpu: 1024, memory: 512 } },
    ],
    [
      'memory between the steps',
      [
        '8:15  $.backend.memory  Fargate has no 17408 MiB with cpu 8192, only 16384 to 61440 in steps of 4096  — use 16384, or another cpu',
      ],
      { backend: { cpu: 8192, memory: 17408 } },
    ],
    [
      'no tasks',
      ['7:21  $.backend.desiredCount  must be a whole number from 1 to 1000, is 0  — choose one in that range'],
      { backend: { desiredCount: 0 } },
    ],
    [
      'variables tap sets',
      [
        '8:7  $.backend.environment.DATABASE_URL  DATABASE_URL is set by tap  — remove it, or use another name',
        '9:7  $.backend.environment.COGNITO_DOMAIN  COGNITO_DOMAIN is set by tap  — remove it, or use another name',
        '12:7  $.backend.secrets.JWT_SECRET_KEY  JWT_SECRET_KEY is set by tap  — remove it, or use another name',
      ],
      {
        backend: { environment: { DATABASE_URL: 'x', COGNITO_DOMAIN: 'x' }, secrets: { JWT_SECRET_KEY: 'my-app/jwt' } },
      },
    ],
    [
      'a variable in both',
      ['11:18  $.backend.secrets.API_URL  API_URL is in backend.environment as well  — keep one of the two'],
      { backend: { environment: { API_URL: 'x' }, secrets: { API_URL: 'my-app/api' } } },
    ],
    [
      'a variable name',
      [
        '8:7  $.backend.environment.MY-VAR  "MY-VAR" is not a variable name  — use letters, digits and _, not starting with a digit',
      ],
      { backend: { environment: { 'MY-VAR': 'x' } } },
    ],
    [
      'credentials that would replace the role',
      [
        '8:7  $.backend.environment.AWS_SESSION_TOKEN  AWS_SESSION_TOKEN would replace the task role  — remove it: the task role gives the container its permissions',
      ],
      { backend: { environment: { AWS_SESSION_TOKEN: 'x' } } },
    ],
    [
      'secrets in the environment',
      [
        '8:14  $.backend.environment.KEY  looks like an AWS access key id, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '9:14  $.backend.environment.PEM  looks like a private key, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '10:17  $.backend.environment.BROKER  looks like a password in a URL, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '11:13  $.backend.environment.GH  looks like a GitHub token, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '12:19  $.backend.environment.MY_TOKEN  looks like a secret, which does not belong in a file  — put it in Secrets Manager and name it under backend.secrets; if it is real, revoke it',
        '13:20  $.backend.environment.LOG_LEVEL  must be a string, is a number  — write it in quotes',
      ],
      {
        backend: {
          environment: {
            KEY: 'AKIAIOSFODNN7EXAMPLE',
            PEM: '-----BEGIN RSA PRIVATE KEY-----',
            BROKER: 'amqp://user:hunter2@broker',
            GH: `ghp_${'a1'.repeat(18)}`,
            MY_TOKEN: 'c2VjcmV0IHZhbHVl123',
            LOG_LEVEL: 5,
          },
        },
      },
    ],
    [
      'a secret instead of its name',
      [
        '8:21  $.backend.secrets.STRIPE_KEY  looks like a Stripe key instead of the name of a secret  — put the value in Secrets Manager and write the name of that secret here',
      ],
      { backend: { secrets: { STRIPE_KEY: `sk_live_${'4eC39HqLyjWD'.repeat(2)}` } } },
    ],
    [
      'a partial ARN',
      [
        '8:18  $.backend.secrets.API_KEY  is not the full ARN of a secret  — copy it with its ending of a hyphen and six characters, or write the name of the secret',
      ],
      { backend: { secrets: { API_KEY: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:my-app' } } },
    ],
    [
      'a parameter ARN',
      [
        '8:18  $.backend.secrets.API_KEY  is a parameter; a secret is expected  — store it in Secrets Manager, or as plain text in backend.environment',
      ],
      { backend: { secrets: { API_KEY: 'arn:aws:ssm:us-east-1:123456789012:parameter/x' } } },
    ],
    [
      'health command',
      [
        '7:22  $.backend.healthCommand  must be "CMD" and words, or "CMD-SHELL" and one line  — for example ["CMD-SHELL", "curl -fs http://localhost:8000/health"]',
      ],
      { backend: { healthCommand: ['curl', 'localhost'] } },
    ],
    [
      'a container that ECS Exec cannot write into',
      [
        '8:31  $.backend.readonlyRootFilesystem  cannot be used together with backend.executeCommand: ECS Exec writes into the container  — keep one of the two',
      ],
      { backend: { executeCommand: true, readonlyRootFilesystem: true } },
    ],
    [
      'image',
      [
        '7:25  $.backend.placeholderImage  is not an image reference  — write one such as "public.ecr.aws/docker/library/busybox:stable"',
      ],
      { backend: { placeholderImage: 'my image' } },
    ],
  ],

  auth: [
    [
      'both domains',
      ['8:21  $.auth.domainPrefix  cannot be used together with auth.customDomain  — keep one of the two'],
      { auth: { customDomain: 'auth.example.com', domainPrefix: 'mine' } },
    ],
    [
      'custom domain elsewhere',
      ['7:21  $.auth.customDomain  must be one label under example.com  — for example "auth.example.com"'],
      { auth: { customDomain: 'auth.example.org' } },
    ],
    [
      'custom domain too deep',
      ['7:21  $.auth.customDomain  must be one label under example.com  — for example "auth.example.com"'],
      { auth: { customDomain: 'a.b.example.com' } },
    ],
    [
      'custom domain of the API',
      ['7:21  $.auth.customDomain  is the domain of the API  — use another label, such as "auth.example.com"'],
      { auth: { customDomain: 'api.example.com' } },
    ],
    [
      'prefix with a forbidden word',
      ['7:21  $.auth.domainPrefix  contains "aws", which Cognito refuses  — choose another prefix'],
      { auth: { domainPrefix: 'my-aws-login' } },
    ],
    [
      'short password',
      ['7:26  $.auth.passwordMinLength  must be a whole number from 8 to 99, is 6  — choose one in that range'],
      { auth: { passwordMinLength: 6 } },
    ],
  ],

  tags: [
    [
      'reserved and wrong keys',
      [
        '7:5  $.tags["aws:x"]  the tag "aws:x" has a prefix that is reserved  — use a key without "aws:" or "tap:"',
        '8:5  $.tags["TAP:y"]  the tag "TAP:y" has a prefix that is reserved  — use a key without "aws:" or "tap:"',
        '9:5  $.tags.name  the tag "Name" is set by tap  — use another key',
        '10:5  $.tags["a#b"]  "a#b" is not a tag key  — use 1-128 letters, digits, spaces and _ . : / = + - @',
        '11:11  $.tags.ok  is not a tag value  — use up to 256 letters, digits, spaces and _ . : / = + - @',
      ],
      { tags: { 'aws:x': '1', 'TAP:y': '1', name: '1', 'a#b': '1', ok: 'a#b' } },
    ],
    [
      'keys that differ only in case',
      ['8:13  $.tags.team  differs from "Team" only in case, which IAM refuses  — keep one of the two'],
      { tags: { Team: 'a', team: 'b' } },
    ],
  ],

  bedrock: [
    [
      'an ARN',
      [
        '8:7  $.bedrock.models[0]  is not a model id  — write the exact id, such as "us.anthropic.claude-sonnet-4-6", not an ARN or a wildcard',
      ],
      { bedrock: { models: ['arn:aws:bedrock:us-east-1::foundation-model/x'] } },
    ],
    [
      'a wildcard',
      [
        '8:7  $.bedrock.models[0]  is not a model id  — write the exact id, such as "us.anthropic.claude-sonnet-4-6", not an ARN or a wildcard',
      ],
      { bedrock: { models: ['anthropic.*'] } },
    ],
    [
      'another geography',
      [
        '9:7  $.bedrock.models[0]  is an inference profile of another geography than eu-central-1  — list the profiles there: aws bedrock list-inference-profiles',
      ],
      { region: 'eu-central-1', bedrock: { models: ['us.anthropic.claude-sonnet-4-6'] } },
    ],
    [
      'no default for the region',
      [
        '1:1  $.bedrock.models  has no default in region ap-south-1  — name the models the backend may invoke, or [] for none',
      ],
      { region: 'ap-south-1' },
    ],
  ],

  monitoring: [
    [
      'address',
      [
        '9:7  $.monitoring.emails[1]  is not an e-mail address  — write one address per entry, such as "ops@example.com"',
      ],
      { monitoring: { emails: ['ops@example.com', 'ops', 'ops@example.com'] } },
    ],
    [
      'percentage',
      ['7:27  $.monitoring.databaseCpuPercent  must be a number from 1 to 99, is 100  — choose one in that range'],
      { monitoring: { databaseCpuPercent: 100 } },
    ],
  ],
};
