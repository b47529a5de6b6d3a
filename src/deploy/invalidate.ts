import { CloudFrontClient, CreateInvalidationCommand, GetInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { isAmbiguous } from '../aws/errors.ts';
import type { Clock } from '../engine/clock.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';

/** Paths beyond which one wildcard is sent: it costs as much as one path. */
const MOST = 15;
const WAIT = 90_000;
const LOOK = 3_000;

/**
 * What CloudFront is asked to forget.
 * "Invalidation paths": what is not ASCII, or unsafe in RFC 1738, is encoded, and nothing else is.
 * @param stale keys of objects that are no longer what the edge may hold
 */
export function invalidationPaths(stale: readonly string[]): string[] {
  const paths = new Set(stale.map(pathOf));
  if (paths.has('/index.html')) paths.add('/');
  return paths.size > MOST ? ['/*'] : [...paths].sort();
}

function pathOf(key: string): string {
  // Browsers differ in whether they encode these, and the edge may hold both forms: all that begins alike goes.
  const unsure = key.search(/[~!*'();:@&=+$,[\]{}|^\\`"<>]/);
  const exact = unsure < 0 ? key : key.slice(0, unsure);
  const encoded = encodeURI(exact).replaceAll('#', '%23').replaceAll('?', '%3F');
  return `/${encoded}${unsure < 0 ? '' : '*'}`;
}

/**
 * Invalidates and waits until it is done everywhere, at most 90 s.
 * @param reference the same for the same work: CloudFront answers a repetition with the first one
 * @returns false when it goes on
 * @throws AwsError
 */
export async function invalidate(
  cx: Cx,
  distribution: string,
  paths: readonly string[],
  reference: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const client = cx.aws(CloudFrontClient);
  const create = () =>
    client.send(
      new CreateInvalidationCommand({
        DistributionId: distribution,
        InvalidationBatch: { CallerReference: reference, Paths: { Quantity: paths.length, Items: [...paths] } },
      }),
    );
  const until = clock.now() + WAIT;
  try {
    let { Invalidation: found } = await create().catch((error: unknown) => {
      if (!isAmbiguous(error)) throw error;
      return create();
    });
    const Id = found?.Id;
    while (found?.Status !== 'Completed') {
      if (clock.now() + LOOK > until) return false;
      await clock.sleep(LOOK, signal);
      signal.throwIfAborted();
      ({ Invalidation: found } = await client.send(new GetInvalidationCommand({ DistributionId: distribution, Id })));
    }
    return true;
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, 'invalidating what the edge holds');
  }
}
