import * as z from 'zod';
import { checkOutputReferences, checkPath, checkUrl } from './checks-deploy.ts';
import { list, matching, record, text, whole } from './fields.ts';
import { checkNoSecret } from './secrets.ts';
import * as values from './values.ts';

const folder = (description: string) => text(description, checkPath);
const words = (description: string) =>
  list(description, text('A word of the command.', checkNoSecret)).superRefine((command, context) => {
    const params = { fix: 'write the program and its arguments as a list, or leave the key out' };
    if (!command[0]) context.addIssue({ code: 'custom', message: 'names no program', params });
  });

/** How the image of the backend is built. */
export const imageBuild = z.strictObject({
  context: folder('Folder that is sent to the builder.').default('app/backend'),
  dockerfile: folder('Dockerfile, in the context.').default('Dockerfile'),
  target: matching(
    'Stage of the Dockerfile that is deployed.',
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
    'is not the name of a stage',
    'write what follows AS in the Dockerfile, such as "prod"',
  ).default('prod'),
});

/** What `deploy-backend` does besides building. */
export const backendDeploy = {
  build: imageBuild.prefault({}).describe('How the image is built.'),
  migrate: words(
    'Command that brings the schema of the database up to date; runs in a task of the new image before each roll-out.',
  )
    .optional()
    .meta({ examples: [['alembic', 'upgrade', 'head']] }),
  smokeUrl: text(
    'Address that must answer 200 after a roll-out; by default https://api.<domain> with healthPath.',
    checkUrl,
    { examples: ['https://api.example.com/health'] },
  ).optional(),
  smokeText: text('What the answer of smokeUrl must contain.', checkNoSecret).optional(),
};

/** How the single-page app is built. */
export const siteBuild = z.strictObject({
  directory: folder('Folder in which the command runs.').default('app/frontend'),
  command: words('Command that builds the site.').default(['bun', 'run', 'build']),
  output: folder('Folder that the command fills, in the directory.').default('dist'),
});

/** What `deploy-frontend` does. */
export const frontendDeploy = {
  build: siteBuild.prefault({}).describe('How the site is built.'),
  environment: record(
    `Environment variables of the build; values may contain ${values.FRONTEND_OUTPUTS.map((name) => `\${outputs.${name}}`).join(', ')}.`,
    values.checkVariableName,
    (value, name) => checkNoSecret(value, name) ?? checkOutputReferences(value),
  ).default({}),
  url: text('Address at which a deploy proves the site; by default https://<domain>.', checkUrl, {
    examples: ['https://example.com'],
  }).optional(),
  retain: z
    .strictObject({
      releases: whole('Releases whose assets stay.', 1, 50).default(5),
      days: whole('Days that older assets stay at least.', 0, 3650).default(14),
    })
    .prefault({})
    .describe('How long assets stay that the newest release does not use: open tabs still ask for them.'),
};
