import type { Tables } from '../refuses.ts';

export const types: Tables = {
  keys: [
    ['a misspelled key', ['6:3  $.netwrok  unknown key "netwrok"  — did you mean "network"?'], { netwrok: {} }],
    [
      'a misspelled key further down',
      ['7:5  $.database.instance_class  unknown key "instance_class"  — did you mean "instanceClass"?'],
      { database: { instance_class: 'db.t4g.small' } },
    ],
    ['a key of another section', ['6:3  $.cpu  unknown key "cpu"  — it belongs at backend.cpu'], { cpu: 512 }],
    [
      'a key that nothing resembles',
      [
        '7:5  $.backend.zebra  unknown key "zebra"  — remove it; known here: port, healthPath, cpu, memory, architecture, desiredCount, environment, secrets, healthCommand, healthGraceSeconds, logRetentionDays, deregistrationDelaySeconds, executeCommand, readonlyRootFilesystem, containerInsights, placeholderImage, deletionProtection, accessLogs, build, migrate, smokeUrl, smokeText',
      ],
      { backend: { zebra: 1 } },
    ],
    [
      '$schema of the wrong type',
      ['6:14  $.$schema  must be a string  — write "./node_modules/tap-aws/schema/tap.schema.json"'],
      { $schema: 1 },
    ],
  ],

  types: [
    [
      'null',
      ['6:14  $.network  must be an object, is null  — leave the key out to get the default'],
      { network: null },
    ],
    [
      'a number in quotes',
      ['7:13  $.backend.port  must be a whole number, is a string  — write 8000 without quotes'],
      { backend: { port: '8000' } },
    ],
    [
      'a word for a number',
      ['7:13  $.backend.port  must be a whole number, is a string  — for example 8000'],
      { backend: { port: 'http' } },
    ],
    [
      'a boolean in quotes',
      ['7:16  $.database.multiAz  must be true or false, is a string  — write true without quotes'],
      { database: { multiAz: 'true' } },
    ],
    [
      'a number for a string',
      ['7:22  $.database.engineVersion  must be a string, is a number  — write it in quotes'],
      { database: { engineVersion: 16 } },
    ],
    [
      'a string for a list',
      [
        '7:15  $.monitoring.emails  must be a list, is a string  — put it in a list, one string for each entry: ["..."]',
      ],
      { monitoring: { emails: 'a@example.com, b@example.com' } },
    ],
    [
      'a string for a command',
      [
        '7:22  $.backend.healthCommand  must be a list, is a string  — put it in a list, one string for each entry: ["..."]',
      ],
      { backend: { healthCommand: 'curl -f' } },
    ],
    [
      'a list for an object',
      [
        '6:14  $.network  must be an object, is a list  — write { ... } with the keys cidr, availabilityZones, publicSubnets, privateSubnets',
      ],
      { network: [] },
    ],
    [
      'an object for a choice',
      ['7:12  $.network.nat  must be one of "single", "per-az", "none", is an object  — for example "single"'],
      { network: { nat: {} } },
    ],
    [
      'an account as a number',
      ['6:14  $.account  must be a string, is a number  — write it in quotes'],
      { account: 123456789012 },
    ],
    [
      'a fraction',
      ['7:21  $.backend.desiredCount  must be a whole number from 1 to 1000, is 1.5  — choose one in that range'],
      { backend: { desiredCount: 1.5 } },
    ],
  ],

  choices: [
    [
      'nat',
      ['7:12  $.network.nat  "peraz" is not one of "single", "per-az", "none"  — did you mean "per-az"?'],
      { network: { nat: 'peraz' } },
    ],
    [
      'price class',
      [
        '7:19  $.frontend.priceClass  "PriceClass_300" is not one of "PriceClass_100", "PriceClass_200", "PriceClass_All"  — did you mean "PriceClass_100"?',
      ],
      { frontend: { priceClass: 'PriceClass_300' } },
    ],
    [
      'architecture',
      ['7:21  $.backend.architecture  "arm64" is not one of "X86_64", "ARM64"  — did you mean "ARM64"?'],
      { backend: { architecture: 'arm64' } },
    ],
    [
      'fallback',
      ['7:17  $.frontend.fallback  "lambda" is not one of "errors", "function"  — choose one of them'],
      { frontend: { fallback: 'lambda' } },
    ],
  ],
};
