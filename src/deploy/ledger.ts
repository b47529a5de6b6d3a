import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import type { Cx } from '../engine/kind.ts';
import { readDeployment } from './deployments.ts';
import { type BackendRelease, type Outcome, readRelease, releaseIds, writeRelease } from './releases.ts';

/** The ledger of the backend, as far back as the release that serves. */
export interface Ledger {
  /** All ids, newest first. */
  readonly ids: readonly number[];
  /** The release that serves; undefined before the first success. */
  readonly live: BackendRelease | undefined;
  /** Schema of the database: what the last migration that succeeded has made. */
  readonly schema: string | undefined;
  /** The newest first, down to the one that serves. */
  readonly releases: readonly BackendRelease[];
}

/**
 * Reads the newest entries. Those whose process did not see their end are told by what AWS knows of their deployment.
 * @param write as well, so that it is known when AWS has forgotten it; only the holder of the lease may
 */
export async function readLedger(
  cx: Cx,
  bucket: string,
  { write = false }: { readonly write?: boolean } = {},
): Promise<Ledger> {
  const ids = await releaseIds(cx, bucket, 'backend');
  const releases: BackendRelease[] = [];
  for (const id of ids) {
    const written = await readRelease<BackendRelease>(cx, bucket, 'backend', id);
    if (!written) continue;
    const release = await settled(cx, written, write);
    if (write && release !== written) await writeRelease(cx, bucket, release);
    releases.push(release);
    if (release.outcome === 'succeeded') break;
  }
  return {
    ids,
    live: releases.find(({ outcome }) => outcome === 'succeeded'),
    schema: releases.find(({ schema }) => schema !== undefined)?.schema,
    releases,
  };
}

/**
 * The entry with the outcome that AWS knows of, when its own process did not see it.
 * @param alone nobody else deploys: an entry without a deployment will never get one
 */
export async function settled(cx: Cx, release: BackendRelease, alone: boolean): Promise<BackendRelease> {
  if (release.outcome !== 'running' && release.outcome !== 'timed out') return release;
  if (!release.deployment)
    return alone ? { ...release, outcome: 'failed', cause: 'its process ended before the roll-out' } : release;
  const deployment = await readDeployment(cx, release.deployment);
  const outcome = deployment && outcomeOf(deployment);
  return outcome
    ? { ...release, outcome, finishedAt: (deployment.finishedAt ?? deployment.stoppedAt ?? new Date()).toISOString() }
    : release;
}

function outcomeOf({ status, deploymentCircuitBreaker }: ServiceDeployment): Outcome | undefined {
  switch (status) {
    case 'SUCCESSFUL':
      return 'succeeded';
    case 'ROLLBACK_SUCCESSFUL':
      return 'rolled back';
    case 'ROLLBACK_FAILED':
      return 'failed';
    case 'STOPPED':
      return deploymentCircuitBreaker?.status === 'TRIGGERED' ? 'failed' : 'superseded';
    default:
      return undefined;
  }
}

/** `release 12 (commit 3f2c1a9)` */
export const nameOf = ({ id, commit }: Pick<BackendRelease, 'id' | 'commit'>): string =>
  `release ${id}${commit ? ` (commit ${commit.slice(0, 7)})` : ''}`;
