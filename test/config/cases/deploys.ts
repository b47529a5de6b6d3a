import type { Tables } from '../refuses.ts';

export const deploys: Tables = {
  backend: [
    [
      'a build outside of the repository',
      [
        '8:18  $.backend.build.context  leads out of the repository  — write a path relative to the config file, without ".."',
        '9:21  $.backend.build.dockerfile  leads out of the repository  — write a path relative to the config file, without ".."',
        '10:17  $.backend.build.target  is not the name of a stage  — write what follows AS in the Dockerfile, such as "prod"',
      ],
      { backend: { build: { context: '../other', dockerfile: '/etc/Dockerfile', target: 'two words' } } },
    ],
    [
      'a migration without a program',
      [
        '7:16  $.backend.migrate  names no program  — write the program and its arguments as a list, or leave the key out',
      ],
      { backend: { migrate: [] } },
    ],
    [
      'a migration as one text',
      ['7:16  $.backend.migrate  must be a list, is a string  — put it in a list, one string for each entry: ["..."]'],
      { backend: { migrate: 'alembic upgrade head' } },
    ],
    [
      'addresses that are none',
      ['7:17  $.backend.smokeUrl  is not a web address  — write one such as "https://example.com"'],
      { backend: { smokeUrl: 'api.example.com/health' } },
    ],
    [
      'credentials in an address',
      [
        '7:17  $.backend.smokeUrl  contains credentials, which do not belong in a file  — write one such as "https://example.com"',
      ],
      { backend: { smokeUrl: 'https://ann:secret@example.com' } },
    ],
  ],

  frontend: [
    [
      'an output that does not exist',
      [
        '8:19  $.frontend.environment.VITE_API  "${outputs.apiURL}" is not an output of the environment  — did you mean "outputs.apiUrl"?',
        '9:20  $.frontend.environment.VITE_USER  "${env.USER}" is not an output of the environment  — use one of ${outputs.apiUrl}, ${outputs.siteUrl}, ${outputs.region}, ${outputs.userPoolId}, ${outputs.userPoolClientId}, ${outputs.cognitoDomain}',
        '10:20  $.frontend.environment.VITE_OPEN  "${outputs.apiUrl" is not an output of the environment  — did you mean "outputs.apiUrl"?',
      ],
      {
        frontend: {
          environment: { VITE_API: '${outputs.apiURL}', VITE_USER: '${env.USER}', VITE_OPEN: '${outputs.apiUrl' },
        },
      },
    ],
    [
      'a query in the address of the site',
      ['7:12  $.frontend.url  has a query or fragment  — leave out what begins with ? or #'],
      { frontend: { url: 'https://example.com/?x=1' } },
    ],
    [
      'retention',
      ['8:19  $.frontend.retain.releases  must be a whole number from 1 to 50, is 0  — choose one in that range'],
      { frontend: { retain: { releases: 0 } } },
    ],
  ],
};
