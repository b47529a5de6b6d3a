import { DescribeServicesCommand, ECSClient, type Service, TagResourceCommand } from '@aws-sdk/client-ecs';
import { absent } from '../../aws/errors.ts';
import { lowerTagList } from '../../aws/tags.ts';
import type { Cx, Observed, Tags } from '../../engine/kind.ts';

/** The service of a name, tombstones included; read once for all who ask. */
export const describeService = (cx: Cx, cluster: string, name: string): Promise<Service | undefined> =>
  cx.once(`ecs service ${cluster}/${name}`, async () => {
    const found = await absent(
      cx.aws(ECSClient).send(new DescribeServicesCommand({ cluster, services: [name], include: ['TAGS'] })),
      'ClusterNotFoundException',
    );
    return found?.services?.[0];
  });

/** Adds or overwrites tags; the same call for every ECS object. */
export const tag = ({ aws }: Cx, { ref }: Observed, tags: Tags): Promise<unknown> =>
  aws(ECSClient).send(new TagResourceCommand({ resourceArn: ref, tags: lowerTagList(tags) }));
