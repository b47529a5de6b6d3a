import type { Command } from 'commander';
import { age, examples, type Run, whole } from './program-parts.ts';

const MINUTES = [1, 24 * 60] as const;

/** New versions of the application, and back. */
export function deployCommands(program: Command, run: Run): void {
  program
    .command('deploy-backend')
    .description('build, push, migrate, roll out, and tell the truth about it')
    .option(
      '--image <reference>',
      'an image of the repository instead of a build: tag, digest or URI; also starts the same one anew',
    )
    .option('--allow-older', 'also when a newer commit or run is live')
    .option('--skip-migration', 'do not run backend.migrate')
    .option('--strict', 'exit 7, not 0, when a newer deploy overtakes this one')
    .option('--timeout <minutes>', 'wait at most this long for the roll-out (default 30)', whole('a time', ...MINUTES))
    .option(
      '--lock-timeout <minutes>',
      'wait at most this long for another deploy (default 10)',
      whole('a time', 0, 1440),
    )
    .addHelpText(
      'after',
      examples('tap deploy-backend', 'tap deploy-backend --image 3f2c1a9', 'tap deploy-backend --json'),
    )
    .action(run(async (options, io) => (await import('./commands/deploy-backend.ts')).deployBackend(options, io)));

  program
    .command('migrate')
    .description('run backend.migrate in a task of its own; exits with its exit code')
    .option('--command <line>', 'another command than backend.migrate')
    .option('--image <reference>', 'an image of the repository (default: the one that is live)')
    .option('--timeout <minutes>', 'stop the task after this long (default 30)', whole('a time', ...MINUTES))
    .option('--lock-timeout <minutes>', 'wait at most this long for a deploy (default 10)', whole('a time', 0, 1440))
    .addHelpText('after', examples('tap migrate', 'tap migrate --command "alembic current"'))
    .action(run(async (options, io) => (await import('./commands/migrate.ts')).migrate(options, io)));

  program
    .command('deploy-frontend')
    .description('build, upload, switch, invalidate, and prove it through the site')
    .option('--dir <folder>', 'a built site instead of a build')
    .option('--verify', 'compare with a listing of the bucket, not only with the last release')
    .option('--allow-older', 'also when a newer commit or run is live')
    .option(
      '--lock-timeout <minutes>',
      'wait at most this long for another deploy (default 10)',
      whole('a time', 0, 1440),
    )
    .addHelpText('after', examples('tap deploy-frontend', 'tap deploy-frontend --dir app/frontend/dist'))
    .action(run(async (options, io) => (await import('./commands/deploy-frontend.ts')).deployFrontend(options, io)));

  program
    .command('releases')
    .argument('[half]', 'backend or frontend (default: both)')
    .description('what was deployed, when, by whom, and how it ended')
    .addHelpText('after', examples('tap releases', 'tap releases backend --json'))
    .action(async (half: string | undefined, options: unknown, self: Command) =>
      run(async (all, io) => (await import('./commands/releases.ts')).releases(half, all, io))(options, self),
    );

  program
    .command('rollback')
    .argument('<half>', 'backend or frontend')
    .argument('[id]', 'of the release (default: the one before the live one)')
    .description('go back to a release, without a build and without touching the database')
    .option('-y, --yes', 'do not ask, also when it crosses a migration')
    .option('--timeout <minutes>', 'wait at most this long for the roll-out (default 30)', whole('a time', ...MINUTES))
    .option('--lock-timeout <minutes>', 'wait at most this long for a deploy (default 10)', whole('a time', 0, 1440))
    .addHelpText('after', examples('tap rollback frontend', 'tap rollback backend 41'))
    .action(async (half: string, id: string | undefined, options: unknown, self: Command) =>
      run(async (all, io) => (await import('./commands/rollback.ts')).rollback(half, id, all, io))(options, self),
    );

  program
    .command('diagnose')
    .description('explain the last deploy of the backend that failed, from what AWS still knows')
    .addHelpText('after', examples('tap diagnose', 'tap diagnose --json'))
    .action(run(async (options, io) => (await import('./commands/diagnose.ts')).diagnose(options, io)));
}

/** The running application and its database. */
export function runningCommands(program: Command, run: Run): void {
  program
    .command('logs')
    .description('what the containers print')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--since <age>', 'how far back: 30s, 10m, 2h, 1d (default 10m)', age)
    .option('--task <id>', 'of one task only; the first characters will do')
    .option('--filter <pattern>', 'filter pattern of CloudWatch Logs')
    .addHelpText(
      'after',
      `${examples('tap logs -f', 'tap logs --since 2h --filter ERROR')}

Times are UTC. -f goes on until Ctrl-C, which is exit 130. It uses live tail, which CloudWatch Logs charges by the minute;
where that is denied or fails it looks every 2 s.`,
    )
    .action(run(async (options, io) => (await import('./commands/logs.ts')).logs(options, io)));

  program
    .command('exec')
    .argument('[command...]', 'what to run (default: /bin/sh)')
    .description('a shell in a running container, by ECS Exec')
    .option('--task <id>', 'which task (default: the newest)')
    .addHelpText(
      'after',
      `${examples('tap exec', 'tap exec -- python -m app.shell')}

Needs session-manager-plugin 1.2.536 or later and "backend.executeCommand": true. The plugin does not tell how the command
ended; where its exit code counts, use \`tap migrate --command\`.`,
    )
    .action(async (command: string[], options: unknown, self: Command) =>
      run(async (all, io) => (await import('./commands/exec.ts')).exec(command, all, io))(options, self),
    );

  program
    .command('pause')
    .description('stop all tasks of the backend until `tap resume`')
    .option('-y, --yes', 'do not ask')
    .action(run(async (options, io) => (await import('./commands/pause.ts')).pause(options, io)));
  program
    .command('resume')
    .description('start the tasks of a paused backend')
    .action(run(async (options, io) => (await import('./commands/pause.ts')).resume(options, io)));

  const db = program.command('db').description('the database: its password, and a way in');
  db.command('rotate')
    .description('a new master password, DATABASE_URL made anew, and a roll-out with it')
    .option('-y, --yes', 'do not ask')
    .action(run(async (options, io) => (await import('./commands/db-rotate.ts')).dbRotate(options, io)));
  db.command('connect')
    .description('forward a local port to the database, through a running task, until Ctrl-C')
    .option('--port <number>', 'local port (default 5432)', whole('a port', 1, 65_535))
    .addHelpText('after', examples('tap db connect', 'tap db connect --port 15432'))
    .action(run(async (options, io) => (await import('./commands/db-connect.ts')).dbConnect(options, io)));
}
