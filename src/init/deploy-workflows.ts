import type { Config } from '../config/schema.ts';
import type { Backend, Site } from './found.ts';
import { backendSteps, checkout, credentials, node, runs, siteSteps, stepList, tap } from './steps.ts';

/** What every workflow is made from. */
export interface Pipelines {
  readonly config: Config;
  /** The config's name. */
  readonly file: string;
  /** Id of the account, or an expression that gives it. */
  readonly account: string;
  readonly roles: { readonly deploy: string; readonly plan: string };
  readonly backend: Backend;
  readonly site: Site;
}

/** The expression with which a workflow asks for the account where the config does not pin one. */
export const ACCOUNT = `\${{ vars.AWS_ACCOUNT_ID }}`;

/** A YAML string, in quotes where YAML could take it for something else. */
const yaml = (text: string): string => (/^[A-Za-z_.][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/** The tests for pull requests; for the branch that deploys the deployment as well. */
function start(name: string, branch: string, folder: string): string {
  const paths = JSON.stringify(folder === '.' ? '**' : `${folder}/**`).replaceAll('"', "'");
  return `name: ${name}

on:
  push:
    branches: [${yaml(branch)}]
    paths: [${paths}]
  pull_request:
    paths: [${paths}]

permissions: {}

defaults:
  run:
    shell: bash`;
}

/** Nothing but a push to the branch deploys, one at a time; AWS refuses all others as well (the role's trust policy). */
const guard = (name: string, branch: string): string => `    needs: test
    if: github.event_name == 'push' && github.ref == 'refs/heads/${branch.replaceAll("'", "''")}'
    concurrency:
      group: ${name}
      cancel-in-progress: false`;

export function deployBackend({ config, file, account, roles, backend }: Pipelines): string {
  const { github, region } = config;
  const folder = config.backend.build.context;
  // Images for ARM are built on ARM: emulation takes many times as long.
  const runner = config.backend.architecture === 'ARM64' ? 'ubuntu-24.04-arm' : 'ubuntu-latest';
  return `# Written by \`tap init\`.
${start('deploy-backend', github.branch, folder)}

jobs:
  test:
    runs-on: ${runner}
    timeout-minutes: 20
    permissions:
      contents: read
    defaults:
      run:
        working-directory: ${yaml(folder)}
    steps:
${stepList(checkout(), ...backendSteps(backend, yaml(folder)))}

  deploy:
${guard('deploy-backend', github.branch)}
    runs-on: ${runner}
    timeout-minutes: 60
    permissions:
      contents: read
      id-token: write # to sign in to AWS
    steps:
${stepList(
  checkout({ history: true }),
  node,
  credentials(roles.deploy, account, region),
  `# Builds and pushes the image, migrates the database with it, rolls it out, waits, and checks its health.
${runs(tap('deploy-backend', file))}`,
)}
`;
}

export function deployFrontend({ config, file, account, roles, site }: Pipelines): string {
  const { github, region } = config;
  const folder = config.frontend.build.directory;
  const setUp = siteSteps(site);
  const within = `    defaults:
      run:
        working-directory: ${yaml(folder)}`;
  return `# Written by \`tap init\`.
${start('deploy-frontend', github.branch, folder)}

jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
${within}
    steps:
${stepList(
  checkout(),
  ...setUp,
  site.lint && runs(`${site.tool} run lint`),
  // The type check is part of it.
  runs(config.frontend.build.command.join(' ')),
)}

  deploy:
${guard('deploy-frontend', github.branch)}
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: read
      id-token: write # to sign in to AWS
    steps:
${stepList(
  checkout({ history: true }),
  ...(setUp.includes(node) ? [] : [node]),
  ...setUp.map((step) => (step.startsWith('- run:') ? `${step}\n  working-directory: ${yaml(folder)}` : step)),
  credentials(roles.deploy, account, region),
  `# Builds with the live addresses, uploads, invalidates what changed, and proves it through the site.
${runs(tap('deploy-frontend', file))}`,
)}
`;
}
