import { describe, expect, it } from 'vitest';
import pack from '../../package.json' with { type: 'json' };
import { site, tap } from '../e2e/tap.ts';
import { CONFIG, expectClear, seen } from './parts.ts';

describe('the usage', () => {
  it('lists what there is, in the order of use', async () => {
    const { exit, out, err } = await tap(['--help']);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatchInlineSnapshot(`
      "Usage: tap [options] [command]

      One web application on AWS, without a state file: plan, apply, deploy, destroy.

      Options:
        -V, --version                   output the version number
        -c, --config <file>             config file (default: "tap.config.json")
        -e, --env <name>                named environment of the config
        --json                          results as JSON on stdout, progress as one
                                        JSON object a line on stderr
        --trace <file>                  write when each AWS call was made, for
                                        chrome://tracing or Perfetto
        --no-color                      no colours (also NO_COLOR)
        -h, --help                      display help for command

      Commands:
        init [options]                  write the config and the GitHub workflows that
                                        fit this repository; no AWS call
        validate                        check the config, without any AWS call
        plan [options]                  show what \`up\` would change, and why; changes
                                        nothing
        drift [options]                 show what was changed outside tap; exit 3 if
                                        anything was
        up [options]                    make AWS equal to the config; can be run again
                                        at any point
        destroy [options]               remove everything that tap made, after the
                                        name was typed; takes a final database
                                        snapshot
        outputs [options]               URLs, names and ids of the live environment
        status [options]                releases, tasks, alarms, what is different,
                                        what waits and for whom
        iam-policy [options] [command]  the least IAM policy that running a command
                                        needs, with the ARNs of this environment
        orphans                         what carries our tags but no config wants
        unlock [options]                give back the lease of a run that died
        doctor                          what would be in the way of \`up\` and of
                                        deploys, all at once, with the fix; reads only
        deploy-backend [options]        build, push, migrate, roll out, and tell the
                                        truth about it
        migrate [options]               run backend.migrate in a task of its own;
                                        exits with its exit code
        deploy-frontend [options]       build, upload, switch, invalidate, and prove
                                        it through the site
        releases [half]                 what was deployed, when, by whom, and how it
                                        ended
        rollback [options] <half> [id]  go back to a release, without a build and
                                        without touching the database
        diagnose                        explain the last deploy of the backend that
                                        failed, from what AWS still knows
        logs [options]                  what the containers print
        exec [options] [command...]     a shell in a running container, by ECS Exec
        pause [options]                 stop all tasks of the backend until \`tap
                                        resume\`
        resume                          start the tasks of a paused backend
        db                              the database: its password, and a way in
        secrets                         values that only a person has; never shown,
                                        never in argv
        local                           an AWS of your own on this computer, for
                                        trying things out
        help [command]                  display help for command

      Exit codes: 0 done, 1 failed, 2 config or usage error, 3 changes (plan --exit-code, drift),
        4 waiting for you (DNS, Google secret), 5 locked by someone else, 6 rolled back, 7 overtaken by a newer deploy
        (with --strict), 8 timed out and still running, 130 interrupted.

      Start: tap init, tap plan, tap up. To try it without an AWS account: eval "$(tap local up)".
      "
    `);
  });

  it('has examples, and the flags of all commands, for each command', async () => {
    expect((await tap(['up', '--help'])).out).toMatchInlineSnapshot(`
      "Usage: tap up [options]

      make AWS equal to the config; can be run again at any point

      Options:
        -y, --yes                do not ask
        --plan <file>            do exactly this saved plan, or refuse
        --wait-dns               wait until DNS records are there, instead of exit 4
        --no-wait                return when AWS has accepted what nothing else needs
        --prune-subscriptions    unsubscribe mail addresses that the config does not
                                 name
        --adopt <id[=physical]>  take over an object that tap did not make; repeatable
        --allow-replace <id>     allow this resource to be replaced; repeatable
        -h, --help               display help for command

      Global Options:
        -V, --version            output the version number
        -c, --config <file>      config file (default: "tap.config.json")
        -e, --env <name>         named environment of the config
        --json                   results as JSON on stdout, progress as one JSON
                                 object a line on stderr
        --trace <file>           write when each AWS call was made, for
                                 chrome://tracing or Perfetto
        --no-color               no colours (also NO_COLOR)

      Examples:
        $ tap up
        $ tap up --yes
        $ tap up --adopt bucket/files
        $ tap up --adopt vpc/main=vpc-0123456789abcdef0
      "
    `);
  });

  it('is the same by `help`', async () => {
    expect((await tap(['help', 'plan'])).out).toBe((await tap(['plan', '--help'])).out);
  });

  it('comes with exit 2 when nothing was asked for', async () => {
    const { exit, out, err } = await tap([]);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('Usage: tap');
  });

  it('knows its version', async () => {
    expect(await tap(['--version'])).toEqual({ exit: 0, out: `${pack.version}\n`, err: '' });
  });
});

describe('a mistake in the command line', () => {
  it.each([
    [['plam']],
    [['plan', '--jsno']],
    [['--envv', 'x', 'plan']],
    [['plan', '--out']],
    [['plan', 'everything']],
    [['secrets', 'set']],
    [['secrets', 'st', 'x']],
    [['local', 'up', '--port', 'http']],
    [['local', 'up', '--port', '70000']],
  ])('%j is told, with what was probably meant', async (args) => {
    const run = await tap(args);
    expect(run.exit).toBe(2);
    expect(run.out).toBe('');
    expectClear(run);
    expect(run.err).toMatchSnapshot();
  });
});

describe('a config', () => {
  it.each([
    ['does not exist', ['--config', 'nowhere/tap.config.json', 'validate']],
    ['is a folder', ['validate', '-c', 'test']],
  ])('that %s is told with exit 2', async (_what, args) => {
    const run = await tap(args);
    expect(run.exit).toBe(2);
    expectClear(run);
    expect(seen(run)).toMatchSnapshot();
  });
});

describe('the flags of all commands', async () => {
  const { path } = await site(CONFIG);
  const valid = { valid: true, config: path };

  it.each([
    [['--config', path, '--json', 'validate']],
    [['validate', '--config', path, '--json']],
    [['--json', 'validate', '-c', path]],
    [[`--config=${path}`, 'validate', '--json']],
  ])('may stand before and after the command: %j', async (args) => {
    const { exit, out, err } = await tap(args);
    expect([exit, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject(valid);
  });

  it('name an environment on either side', async () => {
    const { path } = await site({ ...CONFIG, environments: { staging: { domain: 'staging.example.com' } } });
    const before = await tap(['--env', 'staging', 'validate', '-c', path]);
    expect(before.out).toContain('staging: shop-staging, us-east-1, https://staging.example.com');
    expect(await tap(['validate', '-c', path, '-e', 'staging'])).toEqual(before);
  });
});
