import { execFile } from 'node:child_process';
import { SSMClient, StartSessionCommand } from '@aws-sdk/client-ssm';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import type { Finding } from '../deploy/finding.ts';
import type { Cx } from '../engine/kind.ts';
import type { Io } from '../io.ts';

const PLUGIN = 'session-manager-plugin';
/** The first that takes the session from the environment (release notes of the plugin); before, a token was an argument. */
const NEEDED = [1, 2, 536];
const INSTALL =
  'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html';

/** A session of Session Manager: who has the token has the session. */
export interface PluginSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

/** What is wrong with AWS's plugin on this computer. It is a program of its own that the AWS CLI uses as well. */
export async function checkPlugin(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const version = await new Promise<string | undefined>((done) => {
    execFile(PLUGIN, ['--version'], { env, timeout: 10_000 }, (error, stdout) =>
      done(error ? undefined : stdout.trim()),
    );
  });
  if (version === undefined)
    return [{ problem: `the program ${PLUGIN} is not installed, or not in PATH`, fix: `install it: ${INSTALL}` }];
  if (isOlder(version))
    return [
      {
        problem: `${PLUGIN} ${version} is too old: it would show the session's token to every user of this computer`,
        fix: `install ${NEEDED.join('.')} or later: ${INSTALL}`,
      },
    ];
  return [];
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  const at = NEEDED.findIndex((needed, i) => parts[i] !== needed);
  return at >= 0 && !((parts[at] ?? 0) > (NEEDED[at] ?? 0));
}

/**
 * Has the plugin hold a session until it ends. As the AWS CLI does: session, region, operation, profile, request and
 * endpoint, the session by the name of an environment variable.
 * @param request of StartSession; the plugin repeats its target
 * @returns the plugin's exit code, which does not tell how a command in the session ended
 */
export async function runPlugin(
  io: Pick<Io, 'attach' | 'env'>,
  { aws, region }: Pick<Cx, 'aws' | 'region'>,
  { sessionId, streamUrl, tokenValue }: PluginSession,
  request: { readonly Target: string },
  output: 'stdout' | 'stderr',
): Promise<number> {
  const name = 'AWS_SSM_START_SESSION_RESPONSE';
  const session = JSON.stringify({ SessionId: sessionId, StreamUrl: streamUrl, TokenValue: tokenValue });
  const { url } = await getEndpointFromInstructions({}, StartSessionCommand, aws(SSMClient).config);
  const args = [name, region, 'StartSession', io.env.AWS_PROFILE ?? '', JSON.stringify(request), url.href];
  return io.attach(PLUGIN, args, { env: { ...io.env, [name]: session }, output });
}
