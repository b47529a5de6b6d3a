import { describe, expect, it } from 'vitest';
import { causeOfEvent, causeOfTarget, causeOfTask, mostFrequent } from '../../src/deploy/causes.ts';
import type { About, StoppedTask } from '../../src/deploy/facts.ts';

const ABOUT: About = {
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:1f',
  architecture: 'X86_64',
  port: 8000,
  healthPath: '/health',
  graceSeconds: 60,
  memory: 512,
  executionRole: 'arn:aws:iam::123456789012:role/shop-ecs-execution-role',
  logGroup: '/ecs/shop-backend',
};
const EXITED = 'Essential container in task exited';
const task = (more: Partial<StoppedTask>): StoppedTask => ({
  arn: 'arn:aws:ecs:us-east-1:123456789012:task/shop-cluster/1f',
  stopCode: 'EssentialContainerExited',
  reason: EXITED,
  container: 'shop-backend',
  lines: [],
  ...more,
});
const failedToStart = (reason: string): StoppedTask => task({ stopCode: 'TaskFailedToStart', reason });
const logged = (...lines: string[]): StoppedTask => task({ exitCode: 1, lines });
const unhealthy = (reason: string, description: string, ...lines: string[]): StoppedTask =>
  task({
    stopCode: 'ServiceSchedulerInitiated',
    reason: 'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:…)',
    exitCode: 143,
    livedSeconds: 75,
    target: { state: 'unhealthy', reason, description },
    lines,
  });
const ASM =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): ';
const PULL = 'CannotPullContainerError: pull image manifest has been retried 7 time(s): ';
const UVICORN = ['INFO:     Started server process [1]', 'INFO:     Waiting for application startup.'];
const STARTED = [...UVICORN, 'INFO:     Application startup complete.'];

describe('what the platform says', () => {
  it.each([
    ['image-missing', `${PULL}failed to resolve ref ${ABOUT.image}: not found`],
    ['image-missing', 'CannotPullContainerError: Error response from daemon: manifest unknown'],
    [
      'pull-denied',
      `${PULL}failed to resolve ref x: pulling from host y failed with status code [manifests z]: 403 Forbidden`,
    ],
    ['pull-no-route', `${PULL}failed to do request: Head "https://x": dial tcp 52.0.0.1:443: i/o timeout`],
    ['pull-rate-limited', `${PULL}429 Too Many Requests - toomanyrequests: you have reached your pull rate limit`],
    ['wrong-platform', `${PULL}image Manifest does not contain descriptor matching platform 'linux/amd64'`],
    [
      'no-disk',
      'CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer: no space left on device',
    ],
    ['pull-failed', 'CannotPullContainerError: something that nobody has seen before'],
    [
      'secret-missing',
      `${ASM}failed to fetch secret arn:aws:secretsmanager:us-east-1:1:secret:a-1 from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    ],
    [
      'secret-missing',
      `${ASM}InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.`,
    ],
    ['secret-key-missing', `${ASM}retrieved secret from Secrets Manager did not contain json key password`],
    [
      'secret-denied',
      `${ASM}AccessDeniedException: User: x is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:1:secret:a because no identity-based policy allows it`,
    ],
    ['kms-denied', `${ASM}AccessDeniedException: Access to KMS is not allowed`],
    [
      'kms-denied',
      `${ASM}User: x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:1:key/2`,
    ],
    [
      'parameter-missing',
      'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: invalid ssm parameters: /shop/x',
    ],
    [
      'no-route',
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.',
    ],
    [
      'log-group-missing',
      'ResourceInitializationError: failed to validate logger args: ResourceNotFoundException: The specified log group does not exist. : exit status 1',
    ],
    [
      'role-not-assumable',
      "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-ecs-execution-role' that was provided for this task.",
    ],
    [
      'command-missing',
      'CannotStartContainerError: failed to create task: exec: "uvicorn": executable file not found in $PATH: unknown',
    ],
    ['exec-format', 'CannotStartContainerError: exec /app/run: exec format error'],
    [
      'no-addresses',
      'Unexpected EC2 error while attempting to create network interface: InsufficientFreeAddressesInSubnet',
    ],
    ['quota', "You've reached the limit on the number of vCPUs you can run concurrently"],
    ['no-capacity', 'Capacity is unavailable at this time. Please try again later or in a different availability zone'],
  ])('%s: %s', (id, reason) => expect(causeOfTask(failedToStart(reason), ABOUT).id).toBe(id));

  it('knows whom a task was taken by', () => {
    expect(causeOfTask(task({ stopCode: 'UserInitiated', reason: 'maintenance' }), ABOUT)).toMatchObject({
      id: 'stopped-by-someone',
      cause: 'somebody stopped the task: maintenance',
    });
    expect(
      causeOfTask(task({ stopCode: 'SpotInterruption', reason: 'Your Spot Task was interrupted.' }), ABOUT).id,
    ).toBe('interrupted');
  });
});

describe('what the container tells', () => {
  it.each([
    [
      'out-of-memory',
      task({ exitCode: 137, containerReason: 'OutOfMemoryError: Container killed due to memory usage' }),
    ],
    ['killed', task({ exitCode: 137 })],
    ['exec-format', task({ exitCode: 255, lines: ['exec /usr/local/bin/uvicorn: exec format error'] })],
    ['command-missing', task({ exitCode: 127, lines: ['/bin/sh: 1: uvicorn: not found'] })],
    ['command-missing', task({ exitCode: 127, lines: ['exec /entrypoint.sh: no such file or directory'] })],
    ['module-missing', logged('Traceback (most recent call last):', "ModuleNotFoundError: No module named 'fastapi'")],
    ['variable-missing', logged("KeyError: 'STRIPE_KEY'")],
    [
      'settings-invalid',
      logged(
        'pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings',
        'stripe_key',
        '  Field required [type=missing, input_value={}, input_type=dict]',
      ),
    ],
    ['database-password', logged('FATAL:  password authentication failed for user "app_admin"')],
    ['database-host', logged('could not translate host name "db.example" to address: Name or service not known')],
    ['database-unreachable', logged('connection to server at "10.0.10.5", port 5432 failed: Connection refused')],
    [
      'database-tls',
      logged('FATAL:  no pg_hba.conf entry for host "10.0.10.4", user "a", database "b", no encryption'),
    ],
    ['schema-missing', logged('psycopg.errors.UndefinedTable: relation "users" does not exist')],
    ['ended', task({ exitCode: 0 })],
    ['crash', logged('RuntimeError: boom')],
    ['no-exit-code', task({ containerReason: 'CannotInspectContainerError: timed out' })],
    [
      'container-unhealthy',
      task({ stopCode: 'ServiceSchedulerInitiated', reason: 'Task failed container health checks', exitCode: 137 }),
    ],
  ])('%s: %j', (id, stopped) => expect(causeOfTask(stopped, ABOUT).id).toBe(id));

  it('quotes the line that says most', () => {
    const { cause } = causeOfTask(
      logged(
        'Traceback (most recent call last):',
        '  File "main.py", line 3',
        'app.errors.ConfigError: no mode',
        'bye',
      ),
      ABOUT,
    );
    expect(cause).toBe('the program ended with exit code 1: app.errors.ConfigError: no mode');
  });
});

describe('what the load balancer sees', () => {
  it.each([
    [
      'path-answers',
      unhealthy('Target.ResponseCodeMismatch', 'Health checks failed with these codes: [404]', ...STARTED),
    ],
    ['health-slow', unhealthy('Target.Timeout', 'Request timed out', ...STARTED)],
    ['port-closed', unhealthy('Target.FailedHealthChecks', 'Health checks failed', ...STARTED)],
    ['port-closed', unhealthy('Target.FailedHealthChecks', 'Health checks failed')],
    [
      'listens-elsewhere',
      unhealthy(
        'Target.FailedHealthChecks',
        'Health checks failed',
        ...STARTED,
        'INFO:     Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)',
      ),
    ],
    [
      'listens-on-loopback',
      unhealthy(
        'Target.FailedHealthChecks',
        'Health checks failed',
        'INFO:     Uvicorn running on http://127.0.0.1:8000',
      ),
    ],
    [
      'port-closed',
      unhealthy(
        'Target.FailedHealthChecks',
        'Health checks failed',
        'INFO:     Uvicorn running on http://0.0.0.0:8000',
      ),
    ],
    ['grace-too-short', unhealthy('Target.FailedHealthChecks', 'Health checks failed', ...UVICORN)],
    [
      'database-unreachable',
      unhealthy(
        'Target.ResponseCodeMismatch',
        'Health checks failed with these codes: [503]',
        'connection to server at "x" failed: Connection refused',
      ),
    ],
  ])('%s: %j', (id, stopped) => expect(causeOfTask(stopped, ABOUT).id).toBe(id));

  it('is told of a target that still runs', () =>
    expect(
      causeOfTarget({ state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' }, [], ABOUT)?.id,
    ).toBe('health-slow'));

  it.each([
    ['404', /backend\.healthPath/],
    ['301', /redirects/],
    ['401', /without a login/],
    ['400', /Host/],
    ['500', /tap logs/],
  ])('has a fix for %s', (code, fix) =>
    expect(causeOfTask(unhealthy('Target.ResponseCodeMismatch', `these codes: [${code}]`), ABOUT).fix).toMatch(fix),
  );
});

it('names both architectures', () => {
  const stopped = task({ exitCode: 255, lines: ['exec /app: exec format error'] });
  const told = (architecture: string): string => causeOfTask(stopped, { ...ABOUT, architecture }).cause;
  expect(told('X86_64')).toMatch(/not for linux\/amd64.*for linux\/arm64/);
  expect(told('ARM64')).toMatch(/not for linux\/arm64.*for linux\/amd64/);
});

it('knows what to make of a task that says nothing', () =>
  expect(causeOfTask(task({ stopCode: '', reason: '' }), ABOUT)).toMatchObject({ id: 'unknown', fatal: false }));

it('hears trouble in events, and no trouble in others', () => {
  const event = (text: string): string | undefined => causeOfEvent(`(service shop-backend) ${text}`, ABOUT)?.id;
  expect(event('was unable to place a task. Reason: Capacity is unavailable at this time.')).toBe('no-capacity');
  expect(
    event(
      "failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided).",
    ),
  ).toBe('role-not-assumable');
  expect(event('has started 1 tasks: (task 1f).')).toBe(undefined);
  expect(event('has reached a steady state.')).toBe(undefined);
});

it('takes the most frequent cause, of equals the first', () => {
  const [a, b] = ['RuntimeError: a', "KeyError: 'B_C'"].map((line) => causeOfTask(logged(line), ABOUT));
  if (!a || !b) throw new Error('there are two');
  expect(mostFrequent([a, b])).toBe(a);
  expect(mostFrequent([a, b, b])).toBe(b);
  expect(mostFrequent([])).toBe(undefined);
});
