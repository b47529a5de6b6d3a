import { posix } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Backend, Site } from './found.ts';
import type { Tree } from './tree.ts';

/** What the workflows build on and the repository lacks, a line each. */
export function notes({ backend, frontend }: Config, tools: { backend: Backend; site: Site }, tree: Tree): string[] {
  const { context, dockerfile } = backend.build;
  const { directory } = frontend.build;
  const project = ['pyproject.toml', 'requirements.txt'].map((name) => posix.join(context, name));
  const found: string[] = [];
  if (!tree.has(posix.join(context, dockerfile)))
    found.push(`${posix.join(context, dockerfile)} is not there yet: \`tap deploy-backend\` builds it`);
  if (!project.some((path) => tree.has(path)))
    found.push(`${project[0]} is not there yet: the tests of deploy-backend.yml are those of a Python project`);
  else
    for (const tool of ['ruff', 'pytest'] as const)
      if (!tools.backend.checks.includes(tool))
        found.push(`${context} does not name ${tool}: deploy-backend.yml does without`);
  if (!tree.has(posix.join(directory, 'package.json')))
    found.push(`${posix.join(directory, 'package.json')} is not there yet: \`tap deploy-frontend\` builds the site`);
  else if (!tools.site.lint)
    found.push(`${posix.join(directory, 'package.json')} has no script lint: deploy-frontend.yml does without`);
  return found;
}
