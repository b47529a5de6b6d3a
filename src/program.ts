import { Command } from 'commander';
import pack from '../package.json' with { type: 'json' };
import { Exit } from './engine/errors.ts';
import type { GlobalOptions, Io } from './io.ts';
import { deployCommands, runningCommands } from './program-deploy.ts';
import { accountId, collect, examples, type Run, runner, whole } from './program-parts.ts';

/** The command line: names, flags, helps. @param done told the exit code of the command that ran */
export function commands(done: (code: number) => void, io: Io): Command {
  const program = new Command('tap')
    .description('One web application on AWS, without a state file: plan, apply, deploy, destroy.')
    .version(pack.version)
    .option('-c, --config <file>', 'config file', 'tap.config.json')
    .option('-e, --env <name>', 'named environment of the config')
    .option('--json', 'results as JSON on stdout, progress as one JSON object a line on stderr')
    .option('--trace <file>', 'write when each AWS call was made, for chrome://tracing or Perfetto')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(`tap --help` lists commands and flags)')
    .addHelpText('after', EXIT_CODES);
  const run = runner(done, io);
  initCommand(program, run);
  environmentCommands(program, run);
  doctorCommands(program, run);
  deployCommands(program, run);
  runningCommands(program, run);
  secretCommands(program, run);
  localCommands(program, run);
  return program;
}

function initCommand(program: Command, run: Run): void {
  program
    .command('init')
    .description('write the config and the GitHub workflows that fit this repository; no AWS call')
    .option('--domain <name>', 'of the site, such as example.com')
    .option('--repository <org/repo>', 'on GitHub (default: that of the git remote)')
    .option('-y, --yes', 'do not ask; files that are there and differ stay as they are')
    .option('--force', 'overwrite them, after showing what changes')
    .addHelpText('after', examples('tap init', 'tap init --yes --domain example.com', 'tap init --yes --force'))
    .action(run(async (options, io) => (await import('./commands/init.ts')).init(options, io)));
}

function environmentCommands(program: Command, run: Run): void {
  program
    .command('validate')
    .description('check the config, without any AWS call')
    .action(
      run(async (options: GlobalOptions, io) => {
        const { text, json } = await (await import('./commands/validate.ts')).validate(options);
        io.out(options.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
        return Exit.done;
      }),
    );

  program
    .command('plan')
    .description('show what `up` would change, and why; changes nothing')
    .option('--exit-code', 'exit 3 when there are changes')
    .option('--markdown', 'for a pull-request comment, at most 60 kB')
    .option('--html <file>', 'write it as one page, with the graph of dependencies')
    .option('--out <file>', 'save the plan for `up --plan`')
    .option('--adopt <id[=physical]>', 'plan as if this existing object were taken over; repeatable', collect)
    .option('--allow-replace <id>', 'plan as if this replacement were allowed; repeatable', collect)
    .addHelpText(
      'after',
      examples('tap plan', 'tap plan --env staging --exit-code', 'tap plan --out plan.json && tap up --plan plan.json'),
    )
    .action(run(async (options, io) => (await import('./commands/plan.ts')).planCommand(options, io)));

  program
    .command('drift')
    .description('show what was changed outside tap; exit 3 if anything was')
    .option('--markdown', 'for an issue comment, at most 60 kB')
    .action(run(async (options, io) => (await import('./commands/plan.ts')).drift(options, io)));

  program
    .command('up')
    .description('make AWS equal to the config; can be run again at any point')
    .option('-y, --yes', 'do not ask')
    .option('--plan <file>', 'do exactly this saved plan, or refuse')
    .option('--wait-dns', 'wait until DNS records are there, instead of exit 4')
    .option('--no-wait', 'return when AWS has accepted what nothing else needs')
    .option('--prune-subscriptions', 'unsubscribe mail addresses that the config does not name')
    .option('--adopt <id[=physical]>', 'take over an object that tap did not make; repeatable', collect)
    .option('--allow-replace <id>', 'allow this resource to be replaced; repeatable', collect)
    .addHelpText(
      'after',
      examples(
        'tap up',
        'tap up --yes',
        'tap up --adopt bucket/files',
        'tap up --adopt vpc/main=vpc-0123456789abcdef0',
      ),
    )
    .action(run(async (options, io) => (await import('./commands/up.ts')).up(options, io)));

  program
    .command('destroy')
    .description('remove everything that tap made, after the name was typed; takes a final database snapshot')
    .option('-y, --yes', 'do not ask; needs --confirm')
    .option('--confirm <project>', 'the name, for scripts')
    .option('--keep-data', 'keep the database with its network, the files bucket, the user pool and the JWT secret')
    .addHelpText('after', examples('tap destroy', 'tap destroy --yes --confirm tap', 'tap destroy --keep-data'))
    .action(run(async (options, io) => (await import('./commands/destroy.ts')).destroy(options, io)));

  program
    .command('outputs')
    .description('URLs, names and ids of the live environment')
    .option('--github', 'write step outputs to GITHUB_OUTPUT')
    .option('--zone-file', 'only the DNS records that you have to make, as a zone file')
    .addHelpText('after', examples('tap outputs', 'tap outputs --json | jq -r .siteUrl', 'tap outputs --github'))
    .action(run(async (options, io) => (await import('./commands/outputs.ts')).outputs(options, io)));

  program
    .command('status')
    .description('releases, tasks, alarms, what is different, what waits and for whom')
    .option('--all', 'every resource, not only those that are not ready')
    .action(run(async (options, io) => (await import('./commands/status.ts')).status(options, io)));

  program
    .command('iam-policy')
    .argument('[command]', 'up (default), plan, deploy-backend, deploy-frontend, migrate or destroy')
    .description('the least IAM policy that running a command needs, with the ARNs of this environment')
    .option('--account <id>', 'for this account, without asking AWS', accountId)
    .option('--part <number>', 'of several documents only this one', whole('a part', 1, 20))
    .addHelpText(
      'after',
      examples(
        'tap iam-policy plan',
        'tap iam-policy up --part 1 > up-1.json',
        'tap iam-policy --account 123456789012',
      ),
    )
    .action(async (command: string | undefined, options: unknown, self: Command) =>
      run(async (all: GlobalOptions, io) => (await import('./commands/iam-policy.ts')).iamPolicy(command, all, io))(
        options,
        self,
      ),
    );

  program
    .command('orphans')
    .description('what carries our tags but no config wants')
    .action(run(async (options, io) => (await import('./commands/orphans.ts')).orphans(options, io)));

  program
    .command('unlock')
    .description('give back the lease of a run that died')
    .option('--force', 'do not ask')
    .action(run(async (options, io) => (await import('./commands/unlock.ts')).unlock(options, io)));
}

function doctorCommands(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('what would be in the way of `up` and of deploys, all at once, with the fix; reads only')
    .addHelpText('after', examples('tap doctor', 'tap doctor --json', 'tap doctor ci'))
    .action(run(async (options, io) => (await import('./commands/doctor.ts')).doctor(options, io)))
    .command('ci')
    .description("in a GitHub job: whether its token opens the environment's roles, and if not, why")
    .action(run(async (options, io) => (await import('./commands/doctor-ci.ts')).doctorCi(options, io)));
}

function secretCommands(program: Command, run: Run): void {
  const secrets = program.command('secrets').description('values that only a person has; never shown, never in argv');
  secrets
    .command('set')
    .argument('<name>', 'such as google-oauth')
    .description('store a value from standard input, or asked for without showing it')
    .addHelpText('after', examples('tap secrets set google-oauth', 'tap secrets set google-oauth < client.json'))
    .action(async (name: string, options: unknown, self: Command) =>
      run(async (all: GlobalOptions, io) => (await import('./commands/secrets.ts')).secretsSet(name, all, io))(
        options,
        self,
      ),
    );
  secrets
    .command('list')
    .description('names and dates, no values')
    .action(run(async (options, io) => (await import('./commands/secrets.ts')).secretsList(options, io)));
  secrets
    .command('unset')
    .argument('<name>', 'such as google-oauth')
    .description('remove a value; it can be restored for a while')
    .action(async (name: string, options: unknown, self: Command) =>
      run(async (all: GlobalOptions, io) => (await import('./commands/secrets.ts')).secretsUnset(name, all, io))(
        options,
        self,
      ),
    );
}

function localCommands(program: Command, run: Run): void {
  const local = program.command('local').description('an AWS of your own on this computer, for trying things out');
  local
    .command('up')
    .description('start it afresh and print the variables that lead to it')
    .option('--bare', 'an empty account: no hosted zone, no Google secret')
    .option(
      '--port <number>',
      'with the two after it for the site and the API; default: any free ones',
      whole('a port', 0, 65_535),
    )
    .option('--registry <address>', 'a real registry that holds the images, such as 127.0.0.1:5000; default: none')
    .option('--tls', 'site and API over TLS, by an authority made for it (NODE_EXTRA_CA_CERTS)')
    .addHelpText('after', examples('eval "$(tap local up)"', 'tap up --yes', 'tap local down'))
    .action(run(async (options, io) => (await import('./commands/local.ts')).localUp(options, io)));
  local
    .command('down')
    .description('stop it; its contents are lost')
    .action(run(async (options, io) => (await import('./commands/local.ts')).localDown(options, io)));
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 config or usage error, 3 changes (plan --exit-code, drift),
  4 waiting for you (DNS, Google secret), 5 locked by someone else, 6 rolled back, 7 overtaken by a newer deploy
  (with --strict), 8 timed out and still running, 130 interrupted.

Start: tap init, tap plan, tap up. To try it without an AWS account: eval "$(tap local up)".`;
