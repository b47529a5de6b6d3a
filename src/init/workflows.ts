import { names } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import { readBackend } from './backend.ts';
import { ACCOUNT, deployBackend, deployFrontend, type Pipelines } from './deploy-workflows.ts';
import { notes } from './notes.ts';
import { readSite } from './site.ts';
import type { Tree } from './tree.ts';
import { driftWorkflow, planWorkflow } from './watch-workflows.ts';

/** A file as it should be. */
export interface Wanted {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The workflows of a repository, which follow from the config and from the tools that the code is built with. */
export async function workflows(
  config: Config,
  file: string,
  tree: Tree,
): Promise<{ files: Wanted[]; notes: string[] }> {
  const { githubActions, githubPlan } = names(config).roles;
  const pipelines: Pipelines = {
    config,
    file,
    account: config.account ?? ACCOUNT,
    roles: { deploy: githubActions, plan: githubPlan },
    backend: await readBackend(tree, config.backend.build.context),
    site: await readSite(tree, config.frontend.build.directory),
  };
  const all = {
    'deploy-backend': deployBackend,
    'deploy-frontend': deployFrontend,
    plan: planWorkflow,
    drift: driftWorkflow,
  };
  const files = Object.entries(all).map(([name, render]) => ({
    path: `.github/workflows/${name}.yml`,
    text: render(pipelines),
  }));
  return { files, notes: notes(config, pipelines, tree) };
}
