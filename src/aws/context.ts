import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
  type ResourceTagMapping,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { isOurs, ownerTags, type Scope } from '../engine/identity.ts';
import type { Cx, Observed } from '../engine/kind.ts';
import type { Contexts } from '../engine/observe.ts';
import type { Place } from '../engine/plan.ts';
import type { ApiCall } from './calls.ts';
import type { Clients } from './clients.ts';
import { items } from './pages.ts';

/** Of {@link Cx.discovered}. */
export const TAG_CALLS: readonly ApiCall[] = ['tag GetResources'];

/** Makes the context of each round of reads; what one round has read is shared within it and forgotten after it. */
export function contexts(scope: Scope & Place, aws: Clients): Contexts {
  return ({ sweep, known }) => {
    const shared = new Map<string, Promise<unknown>>();
    const cx: Cx = {
      project: scope.project,
      env: scope.env,
      account: scope.account,
      region: scope.region,
      partition: scope.partition,
      sweep,
      aws,
      once: <T>(key: string, read: () => Promise<T>): Promise<T> => {
        const known = shared.get(key) ?? read();
        shared.set(key, known);
        return known as Promise<T>;
      },
      discovered: async (type, region = scope.region) => {
        if (!sweep) return [];
        const rows = await cx.once(`resources ${region}`, () => tagged(cx, region));
        return rows.flatMap(({ ResourceARN = '' }) => (isOfType(ResourceARN, type) ? [ResourceARN] : []));
      },
      known: <O extends object>(kind: string) =>
        // A kind's objects have its outputs; the engine has only forgotten their type.
        [...(known ?? [])].flatMap(([id, object]) =>
          id.startsWith(`${kind}/`) ? [object as unknown as Observed<object, O>] : [],
        ),
      ours: (tags) => isOurs(scope, tags),
      owned: (id) => ownerTags(scope, id),
    };
    return cx;
  };
}

const tagged = (cx: Cx, region: string): Promise<ResourceTagMapping[]> =>
  items(
    paginateGetResources(
      { client: cx.aws(ResourceGroupsTaggingAPIClient, region) },
      {
        ResourcesPerPage: 100,
        TagFilters: [
          { Key: 'tap:project', Values: [cx.project] },
          { Key: 'tap:env', Values: [cx.env] },
        ],
      },
    ),
    (page) => page.ResourceTagMappingList,
  );

/** `arn:aws:ecs:us-east-1:123456789012:service/a/b` is of type `ecs:service`, and of `ecs:`. */
function isOfType(arn: string, type: string): boolean {
  const [, , service, , , ...resource] = arn.split(':');
  const [wantedService, prefix = ''] = type.split(':');
  const rest = resource.join(':');
  return (
    service === wantedService &&
    (prefix === '' || rest === prefix || (/^[/:]/.test(rest.slice(prefix.length)) && rest.startsWith(prefix)))
  );
}
