import type { Tables } from '../refuses.ts';

export const environments: Tables = {
  environments: [
    [
      'not an object',
      ['6:19  $.environments  must be an object  — write { "staging": { "domain": "staging.example.com" } }'],
      { environments: [] },
    ],
    [
      'an overlay that is not an object',
      ['7:16  $.environments.staging  must be an object  — write { ... } with what is different in this environment'],
      { environments: { staging: 'x' } },
    ],
    [
      'a bad name',
      [
        '7:5  $.environments.Staging  "Staging" is not an environment name  — use lower-case letters, digits and single hyphens, starting with a letter',
      ],
      { environments: { Staging: { domain: 'staging.example.com' } } },
    ],
    [
      'the reserved name',
      ['7:5  $.environments.default  "default" is the name of the base itself  — choose another name'],
      { environments: { default: { domain: 'staging.example.com' } } },
    ],
    [
      'an unknown environment',
      ['6:19  $.environments  has no environment "stagin"  — did you mean "staging"?'],
      { environments: { staging: { domain: 'staging.example.com' } } },
      'stagin',
    ],
    [
      'no environments at all',
      ['1:1  $.environments  has no environment "staging"  — add it, or leave out --env'],
      {},
      'staging',
    ],
    [
      'the domain of the base',
      [
        '7:16  $.environments.staging.domain  is the same as that of the base: "example.com"  — set environments.staging.domain, such as "staging.example.com"',
      ],
      { environments: { staging: { backend: { cpu: 512, memory: 1024 } } } },
      'staging',
    ],
    [
      'the domain of another environment',
      [
        '11:17  $.environments.b.domain  is the same as that of environment a: "x.example.com"  — set environments.b.domain, such as "b.x.example.com"',
      ],
      { environments: { a: { domain: 'x.example.com' }, b: { domain: 'x.example.com' } } },
    ],
    [
      'what cannot differ',
      [
        '9:7  $.environments.staging.project  cannot differ between environments  — remove it: the name becomes <project>-<environment>',
        '11:9  $.environments.staging.github.repository  cannot differ between environments  — remove it: another repository needs a config of its own',
      ],
      {
        environments: {
          staging: { domain: 'staging.example.com', project: 'x', github: { repository: 'other/repo' } },
        },
      },
    ],
    [
      'a misspelled key in an overlay that is not chosen',
      ['9:7  $.environments.staging.backnd  unknown key "backnd"  — did you mean "backend"?'],
      { environments: { staging: { domain: 'staging.example.com', backnd: {} } } },
    ],
    [
      'environments inside an environment',
      ['9:7  $.environments.staging.environments  unknown key "environments"  — it belongs at the top of the file'],
      { environments: { staging: { domain: 'staging.example.com', environments: {} } } },
    ],
    [
      'a pair of which the overlay has one half',
      [
        '8:15  $.backend.memory  Fargate has no 1024 MiB with cpu 2048, only 4096 to 16384 in steps of 1024  — use 4096, or another cpu',
      ],
      {
        backend: { cpu: 512, memory: 1024 },
        environments: { staging: { domain: 'staging.example.com', backend: { cpu: 2048 } } },
      },
      'staging',
    ],
    [
      'a value of the base that the overlay makes wrong',
      [
        "8:7  $.network.publicSubnets[0]  10.0.1.0/24 is not inside the VPC's 10.1.0.0/16  — choose a part of network.cidr, or change network.cidr",
        "9:7  $.network.publicSubnets[1]  10.0.2.0/24 is not inside the VPC's 10.1.0.0/16  — choose a part of network.cidr, or change network.cidr",
      ],
      {
        network: { publicSubnets: ['10.0.1.0/24', '10.0.2.0/24'] },
        environments: {
          staging: {
            domain: 'staging.example.com',
            network: { cidr: '10.1.0.0/16', privateSubnets: ['10.1.1.0/24', '10.1.2.0/24'] },
          },
        },
      },
      'staging',
    ],
    [
      'a name that becomes too long',
      [
        '8:5  $.environments.integration-tests  makes the load balancer name "a-rather-long-project-integration-tests-alb", 43 characters where AWS takes 32  — "a-rather-long-project-integration-tests" may have at most 28 characters',
      ],
      { project: 'a-rather-long-project', environments: { 'integration-tests': { domain: 'it.example.com' } } },
      'integration-tests',
    ],
  ],

  many: [
    [
      'everything at once',
      [
        '2:13  $.domain  has capital letters  — write "example.com"',
        '6:13  $.region  "us-east-9" is not an AWS region  — did you mean "us-east-1"?',
        '7:14  $.account  must be a string, is a number  — write it in quotes',
        '8:3  $.netwrok  unknown key "netwrok"  — did you mean "network"?',
        '10:13  $.network.cidr  is not a network in CIDR notation  — write a network such as "10.0.0.0/16"',
        '11:12  $.network.nat  "dual" is not one of "single", "per-az", "none"  — choose one of them',
        '15:15  $.backend.memory  Fargate has no 513 MiB with cpu 512, only 1024, 2048, 3072, 4096  — use 1024, or another cpu',
        '16:13  $.backend.port  must be a whole number from 1 to 65535, is 0  — choose one in that range',
        '20:7  $.monitoring.emails[0]  is not an e-mail address  — write one address per entry, such as "ops@example.com"',
      ],
      {
        region: 'us-east-9',
        account: 5,
        domain: 'EXAMPLE.com',
        netwrok: {},
        network: { cidr: 'x', nat: 'dual' },
        backend: { cpu: 512, memory: 513, port: 0 },
        monitoring: { emails: ['x'] },
      },
    ],
  ],
};
