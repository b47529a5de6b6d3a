import { loadAll, loadConfig } from '../config/load.ts';

/** What `tap validate` shows: a line per environment, and the same as data. */
export interface Validation {
  text: string;
  json: {
    valid: true;
    config: string;
    environments: { env: string; project: string; region: string; domain: string }[];
  };
}

/**
 * Checks a config file without any AWS call: the named environment, or the base and all of them.
 * @throws ConfigError with every issue.
 */
export async function validate({ config: path, env }: { config: string; env?: string }): Promise<Validation> {
  const configs = env === undefined ? await loadAll(path) : [await loadConfig(path, env)];
  const environments = configs.map(({ env, project, region, domain }) => ({ env, project, region, domain }));
  const lines = environments.map((e) => `  ${e.env}: ${e.project}, ${e.region}, https://${e.domain}`);
  const count = `${environments.length} environment${environments.length === 1 ? '' : 's'}`;
  return {
    text: [`${path} is valid: ${count}`, ...lines].join('\n'),
    json: { valid: true, config: path, environments },
  };
}
