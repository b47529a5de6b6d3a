import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { Account } from '../session.ts';
import { type ChildOptions, NoProgram, run } from './child.ts';

/**
 * Runs `frontend.build.command`, without a shell.
 * @param root folder of the config file
 * @param say one line of the build's output
 * @returns the folder that it filled
 * @throws UserError with the last lines of the output
 */
export async function buildSite(
  { config, ...account }: Account,
  cx: Cx,
  root: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const { directory, command, output } = config.frontend.build;
  const cwd = join(root, directory);
  if (!(await isFolder(cwd)))
    throw failed(
      `the folder ${directory} does not exist`,
      'correct frontend.build.directory, or name a built site with --dir',
    );
  const variables = await buildVariables({ config, ...account }, cx);
  const { signal, clock } = account;
  await build(command, { cwd, env: { ...environmentOf(env), ...variables }, signal, clock, say });
  const folder = join(cwd, output);
  if (!(await isFolder(folder)))
    throw failed(
      `\`${command.join(' ')}\` succeeded, but there is no folder ${join(directory, output)}`,
      'set frontend.build.output to the folder that it writes, relative to frontend.build.directory',
    );
  return folder;
}

/**
 * The variables of `frontend.environment`, with the values of the live environment.
 * @throws UserError when they are not there yet
 */
export async function buildVariables({ config, names }: Account, cx: Cx): Promise<Record<string, string>> {
  const { environment } = config.frontend;
  const text = Object.values(environment).join();
  const parameters = {
    userPoolId: names.parameters.userPoolId,
    userPoolClientId: names.parameters.clientId,
    cognitoDomain: names.parameters.domain,
  };
  const wanted = Object.entries(parameters).filter(([output]) => text.includes(`\${outputs.${output}}`));
  const values: Record<string, string> = {
    siteUrl: `https://${config.domain}`,
    apiUrl: `https://api.${config.domain}`,
    region: config.region,
    ...(wanted.length > 0 && (await readParameters(cx, wanted))),
  };
  const filled = (value: string): string =>
    value.replaceAll(/\$\{outputs\.(\w+)\}/g, (_, name: string) => values[name] ?? '');
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]));
}

async function readParameters(cx: Cx, wanted: readonly [string, string][]): Promise<Record<string, string>> {
  const { Parameters = [] } = await cx
    .aws(SSMClient)
    .send(new GetParametersCommand({ Names: wanted.map(([, name]) => name) }))
    .catch((error: unknown) => {
      throw explain(error, 'reading what the build needs');
    });
  const found = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
  return Object.fromEntries(
    wanted.map(([output, name]) => {
      const value = found.get(name);
      if (value === undefined)
        throw failed(
          `the build needs ${output}, and the parameter ${name} does not exist`,
          'make the environment first: `tap up`',
        );
      return [output, value];
    }),
  );
}

/**
 * A build runs code of hundreds of strangers: it gets none of what could act in AWS in our name. And it is always one for
 * production, whatever NODE_ENV is in the shell that deploys.
 */
const environmentOf = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(AWS_|TAP_|ACTIONS_ID_TOKEN_REQUEST_|NODE_ENV$)/.test(name)),
  );

async function build([program = '', ...args]: readonly string[], options: ChildOptions): Promise<void> {
  const what = `\`${[program, ...args].join(' ')}\``;
  const { code, lines } = await run(program, args, options).catch((error: unknown) => {
    if (!(error instanceof NoProgram)) throw error;
    throw failed(
      `${what} cannot start: ${program} is not installed, or not on PATH`,
      'install it, or set frontend.build.command; --dir takes a built site',
    );
  });
  if (code !== 0)
    throw failed(
      `${what} failed with ${typeof code === 'number' ? `exit code ${code}` : code}${lines.map((line) => `\n  ${line}`).join('')}`,
      'correct the build; nothing was deployed',
    );
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const failed = (message: string, fix: string): UserError => new UserError(message, { fix, exit: Exit.failed });
