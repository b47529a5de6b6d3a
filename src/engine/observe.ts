import { describe, isCredentials, isDenied, isMissing, isNetwork, isThrottled } from '../aws/errors.ts';
import { AwsError, Stopped, UserError } from './errors.ts';
import type { Graph } from './graph.ts';
import { type Scope, wantedTags } from './identity.ts';
import type { AnyKind, AnyObserved, Cx, Identity } from './kind.ts';
import type { Observations } from './plan.ts';
import { workingFor } from './purpose.ts';

/**
 * Makes the context for one round of reads; shared reads live as long as the round. `known`: the live objects of the
 * nodes that are done, by node id.
 */
export type Contexts = (options: { readonly sweep: boolean; readonly known?: ReadonlyMap<string, AnyObserved> }) => Cx;

/**
 * Reads everything that is ours, all kinds at once.
 * @throws UserError or AwsError: bad credentials before a dead network before the first of all others
 */
export async function observeAll(
  contexts: Contexts,
  scope: Scope,
  kinds: readonly AnyKind[],
  graph: Graph,
  adopt: ReadonlyMap<string, string> = new Map(),
): Promise<Observations> {
  const cx = contexts({ sweep: true });
  const wanted = new Map<string, Identity[]>();
  for (const node of graph.nodes.values()) {
    const list = wanted.get(node.kind.kind) ?? [];
    list.push({
      id: node.id,
      name: node.name,
      token: '',
      tags: wantedTags(scope, node),
      adopt: adopt.get(node.id) || undefined,
    });
    wanted.set(node.kind.kind, list);
  }
  const results = await Promise.allSettled(
    kinds.map((kind) => {
      const mine = wanted.get(kind.kind) ?? [];
      return workingFor(kind.kind, async () => kind.observe(cx, mine)).catch((error: unknown) => {
        // What it had listed is gone, or one read is behind another.
        if (isMissing(error)) return workingFor(kind.kind, async () => kind.observe(contexts({ sweep: true }), mine));
        throw error;
      });
    }),
  );
  const failed = results.flatMap((result, i) =>
    result.status === 'rejected' ? [{ kind: kinds[i]?.kind ?? '', error: result.reason as unknown }] : [],
  );
  const first =
    failed.find(({ error }) => isCredentials(error)) ?? failed.find(({ error }) => isNetwork(error)) ?? failed[0];
  const denied = failed.filter(({ error }) => isDenied(error));
  if (first && denied.length > 1 && isDenied(first.error)) throw allDenied(denied);
  if (first) throw explain(first.error, `reading ${first.kind}`);
  return new Map(results.map((result, i) => [kinds[i]?.kind ?? '', result.status === 'fulfilled' ? result.value : []]));
}

/** All missing permissions at once, rather than one with each run. */
function allDenied(denied: readonly { readonly kind: string; readonly error: unknown }[]): AwsError {
  const lines = denied.map(({ kind, error }) => {
    const { message, call } = describe(error);
    return `  ${kind}${call ? ` (${call})` : ''}: ${message}`;
  });
  return new AwsError(`AWS denied ${denied.length} reads:\n${lines.join('\n')}`, {
    code: describe(denied[0]?.error).code,
    fix: 'ask for the missing permissions, then run the command again',
    cause: denied[0]?.error,
  });
}

/**
 * An error as the user shall see it.
 * @param what the work that failed: `reading vpc`, `creating nat-gateway/a`
 */
export function explain(error: unknown, what: string): Error {
  if (error instanceof UserError || error instanceof AwsError || error instanceof Stopped) return error;
  const { code, message, status, requestId, call } = describe(error);
  if (isCredentials(error))
    return new UserError(
      code === 'CredentialsProviderError' ? noCredentials(message) : `AWS does not accept the credentials: ${message}`,
      {
        fix: 'sign in (`aws sso login`, or set AWS_PROFILE) and run the command again',
        exit: 1,
        cause: error,
      },
    );
  if (isNetwork(error) || code === 'TimeoutError')
    return new UserError(`${what}: no answer from AWS${call ? ` to ${call}` : ''} (${message})`, {
      fix: process.env.AWS_ENDPOINT_URL
        ? `AWS_ENDPOINT_URL is ${process.env.AWS_ENDPOINT_URL}: is something listening there? \`tap local up\` starts a local AWS. Running the same command again continues where it stopped.`
        : 'check the network and the region; running the same command again continues where it stopped',
      exit: 1,
      cause: error,
    });
  if (status === 0 && call === undefined) return error instanceof Error ? error : new Error(String(error));
  return new AwsError(`${what}: ${code}: ${message}${call ? ` (${call})` : ''}`, {
    code,
    requestId,
    fix: isDenied(error)
      ? 'ask for the missing permission, then run the command again'
      : isThrottled(error)
        ? 'AWS asks for patience: run the same command again in a minute, and it continues where it stopped'
        : status >= 500
          ? 'the fault is on the side of AWS: run the same command again, later if need be, and it continues where it stopped'
          : undefined,
    cause: error,
  });
}

/** The SDK says only that no provider had any. */
function noCredentials(message: string): string {
  const profile = process.env.AWS_PROFILE;
  if (!/from any providers/.test(message)) return `no AWS credentials: ${message}`;
  return `no AWS credentials were found${profile ? ` for AWS_PROFILE=${profile}` : ''}`;
}
