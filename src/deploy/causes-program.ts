import type { Rule } from './causes.ts';
import { platform, wrongArchitecture } from './causes-platform.ts';

/** A server says in its log where it listens: Uvicorn, Gunicorn, Hypercorn, Node and others. */
const LISTENS = /(?:running|listening|serving|started)[^\n]*?(?:\[::\]|[\w.-]+):(\d{2,5})\b/i;
const LOOPBACK = /(?:running|listening|serving)[^\n]*?(?:127\.0\.0\.1|localhost|\[::1\]):\d+/i;
const STARTED = /startup complete|\b(?:running|listening|serving) (?:on|at)\b|ready (?:to accept|in)\b/i;
/** Seconds after the grace period in which the load balancer's checks end a task that never answered. */
const AFTER_GRACE = 90;

/**
 * What a container that ran tells: by its exit code, its log, and the answers to health checks. Sources: "Health checks for
 * Application Load Balancer target groups" (reason codes), "Troubleshooting Amazon ECS OutOfMemoryError errors",
 * Docker's exit codes; for logs, what Python, its frameworks and PostgreSQL print.
 */
export const programRules: readonly Rule[] = [
  {
    id: 'out-of-memory',
    fatal: false,
    said: /OutOfMemory/i,
    cause: ({ about }) => `the container used more memory than its ${about.memory} MiB and was killed`,
    fix: () => 'raise backend.memory in the config and run `tap up`, or start fewer workers',
  },
  {
    id: 'exec-format',
    fatal: true,
    logged: /exec format error/i,
    cause: (found) => wrongArchitecture(found),
    fix: ({ about }) => `build it with --platform ${platform(about)}, or change backend.architecture in the config`,
  },
  {
    id: 'command-missing',
    fatal: true,
    logged: /(?:exec:?|sh:(?: \d+:)?) "?([^\s":]+)"?: (?:not found|no such file|command not found|permission denied)/i,
    cause: ({ words: [program] }) => `the image has no program "${program}" that can be run`,
    fix: () => 'correct CMD or ENTRYPOINT of the Dockerfile; is it in the stage that is deployed, and executable?',
  },
  {
    id: 'module-missing',
    fatal: true,
    logged:
      /(?:ModuleNotFoundError: No module named|ImportError: cannot import name|Cannot find module) ['"]([^'"]+)['"]/,
    cause: ({ words: [name] }) => `the program does not find the module "${name}"`,
    fix: () => 'add it to the dependencies of the image, or correct the import; does the image start on your computer?',
  },
  {
    id: 'variable-missing',
    fatal: true,
    logged: /KeyError: '([A-Z][A-Z0-9_]+)'/,
    cause: ({ words: [name] }) => `the environment variable ${name} is not set`,
    fix: ({ words: [name] }) => `add ${name} to backend.environment or backend.secrets and run \`tap up\``,
  },
  {
    id: 'settings-invalid',
    fatal: true,
    logged: /validation errors? for (\w+)\s*\n\s*(\S+)\s*\n\s*([^\n[]+)/,
    cause: ({ words: [of, field, what] }) => `the settings are not valid: ${of}.${field}: ${what?.trim()}`,
    fix: () => 'set it in backend.environment or backend.secrets of the config and run `tap up`',
  },
  {
    id: 'database-password',
    fatal: true,
    logged: /password authentication failed for user "?([^"\s]+)/i,
    cause: ({ words: [user] }) => `the database refuses the password of ${user}`,
    fix: () => 'DATABASE_URL is older than the password: `tap db rotate`, or `tap up`, makes it anew',
  },
  {
    id: 'database-host',
    fatal: false,
    logged:
      /could not translate host name "([^"]+)"|getaddrinfo (?:failed|ENOTFOUND) ?(\S*)|Name or service not known/i,
    cause: ({ words: [a, b] }) => `a host name does not resolve${a || b ? `: ${a || b}` : ''}`,
    fix: () => 'is the host in DATABASE_URL the one of `tap outputs`? `tap up` makes the URL anew',
  },
  {
    id: 'database-unreachable',
    fatal: false,
    logged:
      /(?:connection to server|could not connect to server|connect\(\)|ECONNREFUSED)[^\n]*(?:refused|timed out|timeout|ECONNREFUSED)/i,
    cause: () => 'the database does not answer',
    fix: () => '`tap status` says whether it is available; `tap drift` shows security groups that were changed by hand',
  },
  {
    id: 'database-tls',
    fatal: true,
    logged: /no pg_hba\.conf entry[^\n]*no encryption/i,
    cause: () => 'the database refuses a connection without TLS',
    fix: () => 'ask for TLS in database.url.query of the config (`sslmode=require`, or `ssl=require` for asyncpg)',
  },
  {
    id: 'schema-missing',
    fatal: true,
    logged: /(?:relation|column) "([^"]+)"[^\n]* does not exist/i,
    cause: ({ words: [name] }) => `the schema of the database has no "${name}"`,
    fix: () => 'set backend.migrate in the config, or run `tap migrate`, before this release can run',
  },
  {
    id: 'path-answers',
    fatal: true,
    said: /these codes: \[(\d+)/,
    cause: ({ words: [code], about }) => `the health check ${about.healthPath} is answered with ${code} instead of 200`,
    fix: ({ words: [code = ''] }) => pathFix(code),
  },
  {
    id: 'listens-on-loopback',
    fatal: true,
    said: /Target\.(?:FailedHealthChecks|Timeout)|Health checks failed|Request timed out/,
    logged: LOOPBACK,
    cause: () => 'the program listens on the loopback interface only, where the load balancer cannot reach it',
    fix: () => 'let it listen on 0.0.0.0',
  },
  {
    id: 'listens-elsewhere',
    fatal: true,
    said: /Target\.(?:FailedHealthChecks|Timeout)|Health checks failed|Request timed out/,
    logged: LISTENS,
    when: ({ words: [port], about }) => Number(port) !== about.port,
    cause: ({ words: [port], about }) =>
      `the program listens on port ${port}, and the load balancer asks port ${about.port}`,
    fix: ({ words: [port], about }) =>
      `let it listen on ${about.port}, or set backend.port to ${port} in the config and run \`tap up\``,
  },
  {
    id: 'health-slow',
    fatal: true,
    said: /Target\.Timeout|Request timed out/,
    cause: ({ about }) => `the health check ${about.healthPath} is not answered in time (5 s)`,
    fix: () =>
      'let it answer without waiting for anything slow; if the program is still starting, raise backend.healthGraceSeconds',
  },
  {
    id: 'grace-too-short',
    fatal: true,
    said: /Target\.FailedHealthChecks|Health checks failed|failed ELB health checks/,
    when: ({ log, livedSeconds = 0, about }) =>
      log !== '' && !STARTED.test(log) && livedSeconds < about.graceSeconds + AFTER_GRACE,
    cause: ({ livedSeconds, about }) =>
      `the program was still starting${livedSeconds === undefined ? '' : ` after ${livedSeconds} s`}, and health checks count from ${about.graceSeconds} s on`,
    fix: () => 'raise backend.healthGraceSeconds in the config and run `tap up`, or start faster',
  },
  {
    id: 'port-closed',
    fatal: true,
    said: /Target\.FailedHealthChecks|Health checks failed|failed ELB health checks/,
    cause: ({ about }) => `nothing answers on port ${about.port} of the container`,
    fix: ({ about }) =>
      `let the program listen on 0.0.0.0:${about.port}, or set backend.port to its port in the config and run \`tap up\``,
  },
  {
    id: 'container-unhealthy',
    fatal: false,
    said: /failed container health checks/i,
    cause: () => 'the health check inside the container (backend.healthCommand) fails',
    fix: () => 'does the image contain the program that it calls? run the command in the image on your computer',
  },
  {
    id: 'killed',
    fatal: false,
    when: ({ exitCode }) => exitCode === 137,
    cause: () => 'the container was killed (exit code 137): out of memory, or it did not stop when it was asked to',
    fix: () => 'raise backend.memory in the config and run `tap up`; let the program end on SIGTERM',
  },
  {
    id: 'ended',
    fatal: false,
    when: ({ exitCode }) => exitCode === 0,
    cause: () => 'the program ended by itself, without an error (exit code 0)',
    fix: () => 'a service must go on: let CMD start a server in the foreground',
  },
  {
    id: 'crash',
    fatal: false,
    when: ({ exitCode }) => exitCode !== undefined,
    cause: ({ exitCode, log }) => `the program ended with exit code ${exitCode}${evidence(log)}`,
    fix: () => 'the log above tells more; `docker run` with the same environment shows it on your computer',
  },
  {
    id: 'no-exit-code',
    fatal: false,
    said: /^(?:EssentialContainerExited|TaskFailedToStart): (.*)/s,
    cause: ({ words: [reason] }) => `the container has no exit code: ${reason}`,
    fix: () => 'deploy again; if it stays, the reason above is what to ask AWS about',
  },
];

function pathFix(code: string): string {
  if (code === '404')
    return 'let the program answer that path, or set backend.healthPath in the config and run `tap up`';
  if (code.startsWith('3')) return 'set backend.healthPath to where it redirects to, in the config, and run `tap up`';
  if (code === '401' || code === '403') return 'let the program answer that path without a login';
  if (code === '400')
    return 'let the program accept the address of the container as Host: the load balancer sends no other';
  return 'the program answers with an error: its log tells more (`tap logs`)';
}

/** The line that says most: the last one of a traceback, else the last one. */
function evidence(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((text) => /^[\w.]+(?:Error|Exception|Exit)\b/.test(text)) ?? lines.at(-1);
  return line ? `: ${line.trim()}` : '';
}
