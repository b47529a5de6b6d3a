import { basename, dirname, resolve } from 'node:path';
import { checkDomain, checkRepository } from '../config/checks.ts';
import type { Finding } from '../config/fields.ts';
import { parseConfig } from '../config/parse.ts';
import type { Config } from '../config/schema.ts';
import { Exit, type ExitCode, UserError } from '../engine/errors.ts';
import { current, unified, writeAll } from '../init/files.ts';
import { type Repository, readRepository, sameFolder } from '../init/git.ts';
import { type Basics, newConfig, withSuggestions } from '../init/settings.ts';
import { readTree } from '../init/tree.ts';
import { type Wanted, workflows } from '../init/workflows.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { painter } from '../render/style.ts';
import { isYes } from './confirm.ts';

export interface InitOptions extends GlobalOptions {
  readonly domain?: string;
  readonly repository?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** What becomes of a file. */
type Fate = 'new' | 'same' | 'kept' | 'overwritten';
interface Decided extends Wanted {
  readonly fate: Fate;
}

/** Writes the config and the workflows that fit the repository. Without any AWS call. */
export async function init(options: InitOptions, io: Io): Promise<ExitCode> {
  if (!io.interactive && !options.yes)
    throw new UserError('nothing was written: there is no terminal to ask on', {
      fix: 'use `tap init --yes`, with --domain and --repository; files that are there stay as they are, unless with --force',
    });
  const root = dirname(resolve(options.config));
  const file = basename(options.config);
  const repository = await readRepository(root);
  if (repository.root !== undefined && !(await sameFolder(repository.root, root)))
    throw new UserError(`${root} is not the root of its git repository, where GitHub looks for workflows`, {
      fix: `run it in ${repository.root}`,
    });
  const tree = await readTree(root);

  const before = await current(root, file);
  if (before !== undefined) mustAgree(parseConfig(before, { file }), options);
  const text =
    before === undefined
      ? await newConfig(await basics(options, repository, io), file, tree)
      : await withSuggestions(before, file, tree);
  const settings = await decide({ path: file, text }, root, options, io);
  // The workflows follow the config that there will be.
  const config = parseConfig(settings.fate === 'kept' ? (before ?? '') : text, { file });
  const decided = [settings];
  const { files, notes } = await workflows(config, file, tree);
  for (const wanted of files) decided.push(await decide(wanted, root, options, io));

  io.signal.throwIfAborted();
  await writeAll(
    root,
    decided.filter(({ fate }) => fate === 'new' || fate === 'overwritten'),
  );
  report(decided, notes, nextSteps(config), options, io);
  return Exit.done;
}

/** Flags do not change a config that is there. */
function mustAgree({ domain, github }: Config, options: InitOptions): void {
  for (const [flag, given, has] of [
    ['--domain', options.domain, domain],
    ['--repository', options.repository, github.repository],
  ])
    if (given !== undefined && given !== has)
      throw new UserError(`${flag} ${given}: ${options.config} is there already, and says ${has}`, {
        fix: 'change it in the file, or leave the flag out',
      });
}

/** What the flags, git or a person say, all that is missing or wrong at once. */
async function basics(options: InitOptions, { github, branch }: Repository, io: Io): Promise<Basics> {
  const asks = io.interactive && !options.yes;
  const answer = async (question: string): Promise<string | undefined> =>
    asks ? (await io.ask(question)).trim() : undefined;
  const domain = options.domain ?? (await answer('Domain of the site, such as example.com: '));
  const repository = options.repository ?? github ?? (await answer('Repository on GitHub, as org/repo: '));
  const problems = [
    problem('--domain', domain, checkDomain, 'such as --domain example.com'),
    problem(
      '--repository',
      repository,
      checkRepository,
      'such as --repository org/repo: git knows no remote on GitHub',
    ),
  ].filter((text) => text !== undefined);
  if (domain && repository && problems.length === 0)
    return { domain, repository, ...(branch !== undefined && { branch }) };
  throw new UserError(`nothing was written: ${problems.join('; ')}`, {
    fix: 'tap init --yes --domain example.com --repository org/repo',
  });
}

function problem(flag: string, value: string | undefined, check: (value: string) => Finding, example: string) {
  if (!value) return `${flag} is missing, ${example}`;
  const finding = check(value);
  return finding && `${flag} ${value} ${finding.problem}: ${finding.fix}`;
}

/** Compares; what is there and differs is shown, and stays unless somebody says otherwise. */
async function decide(wanted: Wanted, root: string, { yes, force, json }: InitOptions, io: Io): Promise<Decided> {
  const before = await current(root, wanted.path);
  if (before === undefined) return { ...wanted, fate: 'new' };
  if (before === wanted.text) return { ...wanted, fate: 'same' };
  if (!json) io.out(`${unified(wanted.path, before, wanted.text, painter(io.color))}\n`);
  if (force) return { ...wanted, fate: 'overwritten' };
  const answer = yes || !io.interactive ? '' : await io.ask(`Overwrite ${wanted.path}? [y/N] `);
  return { ...wanted, fate: isYes(answer) ? 'overwritten' : 'kept' };
}

const FATES: Readonly<Record<Fate, string>> = {
  new: '+ written     ',
  overwritten: '~ overwritten ',
  kept: '! kept        ',
  same: '= as it is    ',
};

function report(
  decided: readonly Decided[],
  notes: readonly string[],
  next: readonly string[],
  { json }: InitOptions,
  io: Io,
): void {
  const files = decided.map(({ path, fate }) => ({ path, fate }));
  if (json) {
    io.out(`${JSON.stringify({ type: 'result', command: 'init', exit: Exit.done, files, notes, next })}\n`);
    return;
  }
  for (const { path, fate } of files) io.out(`${FATES[fate]}${path}\n`);
  if (files.some(({ fate }) => fate === 'kept'))
    io.out('\nWhat was kept differs from what this version writes, as shown above; --force overwrites it.\n');
  if (notes.length > 0) io.out(`\nNote:\n${notes.map((note) => `  - ${note}\n`).join('')}`);
  if (files.every(({ fate }) => fate === 'same')) io.out('\nNothing to do.\n');
  else io.out(`\nNext:\n${next.map((step, index) => `  ${index + 1}. ${step}\n`).join('')}`);
}

/** The three steps from here to a deployment. */
function nextSteps({ account, github }: Config): string[] {
  const variable = account === undefined ? '`gh variable set AWS_ACCOUNT_ID`, then ' : '';
  return [
    '`tap doctor`: whether credentials, quotas, DNS and the Google client are as they must be',
    '`tap up`: builds the environment, after showing the plan',
    `${variable}commit and push to ${github.branch}: GitHub Actions deploys`,
  ];
}
