import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { lab } from '../lab.ts';
import { shopOf } from './deploys.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

const aws = await lab();
let shop: Awaited<ReturnType<typeof shopOf>>;
let good: string;
beforeAll(async () => {
  shop = await shopOf(aws);
  good = await shop.image('a');
  await shop.image('b');
  await shop.rollout('healthy');
  await shop.deploy('a');
});
afterEach(async () => {
  await aws.faults([]);
  expect(await shop.serving(), 'what served before serves again').toEqual([good]);
});

/** Deploys an image that goes wrong, over one that serves. */
async function goesWrong(scenario: string, more: object = {}): Promise<string> {
  await shop.rollout(scenario, more);
  return shop.deploy('b');
}

describe('a release that does not start is rolled back, and its cause is named:', () => {
  it('it crashes until the circuit breaker has had enough', async () =>
    expect(await goesWrong('crash')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 2 (usually 1 min 30 s)
      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 2: 0 of 1 tasks running, 2 failed
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 2: AWS rolls back, 3 failed
      ✗ release 2: rolled back
      Rolled back: release 2: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('its image cannot be pulled', async () =>
    expect(await goesWrong('pull-failed')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 3 (usually 1 min 30 s)
      task TASK1 stopped: TaskFailedToStart: CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<b>: not found
      task TASK2 stopped: TaskFailedToStart: CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<b>: not found
        release 3: 0 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 3: AWS rolls back, 2 failed
      ✗ release 3: rolled back
      Rolled back: release 3: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: the image 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-backend@sha256:<b> is not in its registry
        fix: build and push it again: \`tap deploy-backend\`; was it deleted, or expired by a lifecycle policy?
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('a secret lacks a key', async () =>
    expect(await goesWrong('secret-key-missing')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 4 (usually 1 min 30 s)
      task TASK1 stopped: TaskFailedToStart: ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key none
      task TASK2 stopped: TaskFailedToStart: ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key none
        release 4: 0 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 4: AWS rolls back, 2 failed
      ✗ release 4: rolled back
      Rolled back: release 4: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: a secret has no JSON key "none"
        fix: add the key to the secret, or correct backend.secrets in the config and run \`tap up\`
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('it listens on another port', async () =>
    expect(
      await goesWrong('wrong-port', {
        log: ['INFO:     Application startup complete.', 'INFO:     Uvicorn running on http://0.0.0.0:8080'],
      }),
    ).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 5 (usually 1 min 30 s)
      task TASK1: load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        release 5: 1 of 1 tasks running
      task TASK1 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        the end of its log:
          INFO:     Application startup complete.
          INFO:     Uvicorn running on http://0.0.0.0:8080
        release 5: 1 of 1 tasks running, 1 failed
      task TASK2: load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
      task TASK2 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        the end of its log:
          INFO:     Application startup complete.
          INFO:     Uvicorn running on http://0.0.0.0:8080
        release 5: 1 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 5: AWS rolls back, 2 failed
      ✗ release 5: rolled back
      Rolled back: release 5: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: the program listens on port 8080, and the load balancer asks port 8000
        fix: let it listen on 8000, or set backend.port to 8080 in the config and run \`tap up\`
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('nothing tells which port it listens on', async () =>
    expect(await goesWrong('wrong-port')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 6 (usually 1 min 30 s)
      task TASK1: load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        release 6: 1 of 1 tasks running
      task TASK1 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
          INFO:     Application startup complete.
        release 6: 1 of 1 tasks running, 1 failed
      task TASK2: load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
      task TASK2 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
          INFO:     Application startup complete.
        release 6: 1 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 6: AWS rolls back, 2 failed
      ✗ release 6: rolled back
      Rolled back: release 6: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: nothing answers on port 8000 of the container
        fix: let the program listen on 0.0.0.0:8000, or set backend.port to its port in the config and run \`tap up\`
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('it has not enough memory', async () =>
    expect(await goesWrong('out-of-memory')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 7 (usually 1 min 30 s)
        release 7: 0 of 1 tasks running
        release 7: AWS rolls back
      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 137, OutOfMemoryError: Container killed due to memory usage
        it has no log
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 137, OutOfMemoryError: Container killed due to memory usage
        it has no log
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 137, OutOfMemoryError: Container killed due to memory usage
        it has no log
      ✗ release 7: rolled back
      Rolled back: release 7: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: the container used more memory than its 512 MiB and was killed
        fix: raise backend.memory in the config and run \`tap up\`, or start fewer workers
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('it is for another architecture', async () =>
    expect(await goesWrong('exec-format')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 8 (usually 1 min 30 s)
      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 255
        the end of its log:
          exec /usr/local/bin/uvicorn: exec format error
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 255
        the end of its log:
          exec /usr/local/bin/uvicorn: exec format error
        release 8: 0 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 8: AWS rolls back, 2 failed
      ✗ release 8: rolled back
      Rolled back: release 8: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: the program in the image is not for linux/amd64, on which the task runs: most likely it is for linux/arm64
        fix: build it with --platform linux/amd64, or change backend.architecture in the config
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('its health check is too slow', async () =>
    expect(await goesWrong('too-slow')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 9 (usually 1 min 30 s)
      task TASK1: load balancer: unhealthy, Target.Timeout: Request timed out
        release 9: 1 of 1 tasks running
      task TASK1 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.Timeout: Request timed out
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
          INFO:     Application startup complete.
        release 9: 1 of 1 tasks running, 1 failed
      task TASK2: load balancer: unhealthy, Target.Timeout: Request timed out
      task TASK2 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.Timeout: Request timed out
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
          INFO:     Application startup complete.
        release 9: 1 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 9: AWS rolls back, 2 failed
      ✗ release 9: rolled back
      Rolled back: release 9: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: the health check /health is not answered in time (5 s)
        fix: let it answer without waiting for anything slow; if the program is still starting, raise backend.healthGraceSeconds
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('its health check is at another path', async () =>
    expect(await goesWrong('wrong-path')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 10 (usually 1 min 30 s)
      task TASK1: load balancer: unhealthy, Target.ResponseCodeMismatch: Health checks failed with these codes: [404]
        release 10: 1 of 1 tasks running
      task TASK1 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.ResponseCodeMismatch: Health checks failed with these codes: [404]
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
          INFO:     Application startup complete.
        release 10: 1 of 1 tasks running, 1 failed
      task TASK2: load balancer: unhealthy, Target.ResponseCodeMismatch: Health checks failed with these codes: [404]
      task TASK2 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.ResponseCodeMismatch: Health checks failed with these codes: [404]
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
          INFO:     Application startup complete.
        release 10: 1 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 10: AWS rolls back, 2 failed
      ✗ release 10: rolled back
      Rolled back: release 10: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: the health check /health is answered with 404 instead of 200
        fix: let the program answer that path, or set backend.healthPath in the config and run \`tap up\`
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('it is stopped while it still starts', async () =>
    expect(await goesWrong('grace-too-short')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 11 (usually 1 min 30 s)
      task TASK1: load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        release 11: 1 of 1 tasks running
      task TASK1 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
        release 11: 1 of 1 tasks running, 1 failed
      task TASK2: load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
      task TASK2 stopped after 60 s: ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)
        container shop-backend: exit code 143
        load balancer: unhealthy, Target.FailedHealthChecks: Health checks failed
        the end of its log:
          INFO:     Started server process [1]
          INFO:     Waiting for application startup.
        release 11: 1 of 1 tasks running, 2 failed
      2 failures of one cause, which does not pass by itself: asking AWS to roll back now
        release 11: AWS rolls back, 2 failed
      ✗ release 11: rolled back
      Rolled back: release 11: rolled back early: 2 failures of one cause, which does not pass by itself
        cause: the program was still starting after 60 s, and health checks count from 60 s on
        fix: raise backend.healthGraceSeconds in the config and run \`tap up\`, or start faster
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('it ends before it runs', async () =>
    expect(await goesWrong('exits-before-running')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 12 (usually 1 min 30 s)
      task TASK1 stopped: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          bad option: --prot
      task TASK2 stopped: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          bad option: --prot
        release 12: 0 of 1 tasks running, 2 failed
      task TASK3 stopped: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          bad option: --prot
        release 12: AWS rolls back, 3 failed
      ✗ release 12: rolled back
      Rolled back: release 12: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: the program ended with exit code 1: bad option: --prot
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('it has no exit code', async () =>
    expect(await goesWrong('no-exit-code')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 13 (usually 1 min 30 s)
        release 13: 0 of 1 tasks running
        release 13: AWS rolls back
      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: no exit code, CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
        it has no log
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: no exit code, CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
        it has no log
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: no exit code, CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
        it has no log
      ✗ release 13: rolled back
      Rolled back: release 13: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: the container has no exit code: Essential container in task exited: CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s
        fix: deploy again; if it stays, the reason above is what to ask AWS about
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
  it('no task can be launched', async () =>
    expect(await goesWrong('role-denied')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 14 (usually 1 min 30 s)
      (service shop-backend) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/shop-ecs-task-role' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).
        release 14: 0 of 1 tasks running
        release 14: AWS rolls back
      ✗ release 14: rolled back
      Rolled back: release 14: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: ECS may not assume the role shop-ecs-task-role
        fix: \`tap drift\` shows what was changed by hand, \`tap up\` repairs it
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));
});

it('after a roll-back by AWS nothing is left to do for `tap up`', async () => {
  expect(await goesWrong('crash')).toMatch(/exit 6$/);
  await shop.expectNoChange();
});

describe('what is seen late or not at all', () => {
  it('a log that comes after the end of its task is waited for', async () =>
    expect(await goesWrong('crash', { logAfter: 2 })).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 16 (usually 1 min 30 s)
        release 16: 0 of 1 tasks running
        release 16: AWS rolls back
      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
      ✗ release 16: rolled back
      Rolled back: release 16: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `));

  it('AWS throttles while it is waited for, and then shows the rest', async () => {
    await shop.rollout('crash');
    await aws.faults([{ service: 'ecs', action: 'DescribeServiceDeployments', nth: 3, times: 4, kind: 'throttle' }]);
    expect(await shop.deploy('b')).toMatchInlineSnapshot(`
      "… checking image
      ✓ checked image
      … checking preflight
      ✓ checked preflight
      … rolling out release 17 (usually 1 min 30 s)
      task TASK1 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
      task TASK2 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 17: 0 of 1 tasks running, 2 failed
        release 17: AWS gives no answer for now (ThrottlingException); the roll-out goes on
      task TASK3 stopped after N s: EssentialContainerExited: Essential container in task exited
        container shop-backend: exit code 1
        the end of its log:
          Traceback (most recent call last):
          RuntimeError: boom
        release 17: AWS rolls back, 3 failed
      ✗ release 17: rolled back
      Rolled back: release 17: AWS rolled it back: Service deployment rolled back because the circuit breaker threshold was exceeded
        cause: the program ended with exit code 1: RuntimeError: boom
        fix: the log above tells more; \`docker run\` with the same environment shows it on your computer
        serving now: release 1 (commit aaaaaaa), 1 task
      exit 6"
    `);
  });

  it('AWS throttles and fails for a while, and the deployment is followed all the same', async () => {
    await shop.rollout('crash');
    await aws.faults([
      { service: 'ecs', action: 'DescribeServiceDeployments', nth: 3, times: 4, kind: 'throttle' },
      { service: 'ecs', action: 'ListTasks', nth: 6, times: 4, kind: '503' },
    ]);
    const said = await shop.deploy('b');
    expect(said).toMatch(/AWS gives no answer for now \(\w+\); the roll-out goes on/);
    expect(said).toMatch(/Rolled back: .*circuit breaker[\s\S]*exit 6$/);
  });

  it('the answer of the update is lost, and the deployment is found', async () => {
    await shop.rollout('crash');
    await aws.faults([{ service: 'ecs', action: 'UpdateService', times: 4, kind: 'cut', when: 'after' }]);
    expect(await shop.deploy('b')).toMatch(/Rolled back: [\s\S]*exit 6$/);
  });

  it('the update is refused: nothing was rolled out', async () => {
    await aws.faults([
      {
        service: 'ecs',
        action: 'UpdateService',
        kind: 'error',
        code: 'AccessDeniedException',
        message: 'no',
        status: 400,
        times: 0,
      },
    ]);
    expect(await shop.deploy('b')).toMatch(
      /✗ release \d+: rolling out shop-backend:\d+: AccessDeniedException: no[\s\S]*exit 1$/,
    );
  });
});
