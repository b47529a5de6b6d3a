import { afterAll, inject } from 'vitest';
import { type Control, control, type Fork, type StandIns } from '../src/local/control.ts';

/**
 * The local AWS of this test worker, emptied: the process's AWS_* variables lead there and nowhere else.
 * Call it once at the top of a test file (`const aws = await lab();`), and `aws.reset()` between tests that share names.
 */
export async function lab(): Promise<Control & StandIns> {
  const answer = await fetch(`${inject('labBroker')}/${process.env.VITEST_POOL_ID ?? '1'}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  const { endpoint, ...standIns } = JSON.parse(text) as Pick<Control, 'endpoint'> & StandIns;
  pointAt(endpoint);
  const aws = control(endpoint);
  await aws.reset();
  return { ...aws, ...standIns };
}

/** Forks an account and leads this process's clients there. All forks end with the test file. */
export function forking(aws: Control): () => Promise<Fork> {
  const forks: Fork[] = [];
  afterAll(() => {
    for (const { stop } of forks) stop();
  });
  return async () => {
    const made = await aws.fork();
    forks.push(made);
    pointAt(made.endpoint);
    return made;
  };
}

/** Leads every AWS client of this process to `endpoint`, with keys that are worth nothing anywhere else. */
export function pointAt(endpoint: string): void {
  const { hostname } = new URL(endpoint);
  if (hostname !== '127.0.0.1' && hostname !== '[::1]') {
    throw new Error(`tests run against the local AWS only, and ${endpoint} is not on the loopback interface`);
  }
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) delete process.env[name];
  }
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
}
