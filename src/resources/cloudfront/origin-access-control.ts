import {
  CloudFrontClient,
  CreateOriginAccessControlCommand,
  DeleteOriginAccessControlCommand,
  GetOriginAccessControlCommand,
  type OriginAccessControlConfig,
  type OriginAccessControlOriginTypes,
  type OriginAccessControlSigningBehaviors,
  type OriginAccessControlSigningProtocols,
  type OriginAccessControlSummary,
  paginateListOriginAccessControls,
  UpdateOriginAccessControlCommand,
} from '@aws-sdk/client-cloudfront';
import { absent, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { type Cx, defineKind, type Identity, type Observed, READY, type Tags } from '../../engine/kind.ts';

export interface OriginAccessControlSpec {
  readonly originType: OriginAccessControlOriginTypes;
  readonly signingBehavior: OriginAccessControlSigningBehaviors;
  readonly signingProtocol: OriginAccessControlSigningProtocols;
}
interface Out {
  readonly id: string;
}

/** CloudFront's identity towards the bucket. It takes no tags, so its description (at most 256 characters) holds ours. */
export const OriginAccessControl = defineKind<OriginAccessControlSpec, Out>()({
  kind: 'origin-access-control',
  calls: {
    observe: ['cloudfront ListOriginAccessControls'],
    write: [
      'cloudfront CreateOriginAccessControl',
      'cloudfront GetOriginAccessControl',
      'cloudfront UpdateOriginAccessControl',
    ],
    remove: ['cloudfront GetOriginAccessControl', 'cloudfront DeleteOriginAccessControl'],
  },
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const all = await items(
      paginateListOriginAccessControls({ client: cx.aws(CloudFrontClient) }, {}),
      (page) => page.OriginAccessControlList?.Items,
    );
    return all
      .map((control) => observed(control, wanted))
      .filter(({ ref, name, tags }) => cx.ours(tags) || wanted.some((me) => me.name === name || me.adopt === ref));
  },
  create: ({ aws }, me, spec) =>
    aws(CloudFrontClient).send(
      new CreateOriginAccessControlCommand({ OriginAccessControlConfig: config(me.name, describe(me.tags), spec) }),
    ),
  update: (cx, spec, { ref }) => change(cx, ref, (live) => config(live.Name ?? '', live.Description ?? '', spec)),
  tag: (cx, now, tags) => change(cx, now.ref, (live) => ({ ...live, Description: describe({ ...now.tags, ...tags }) })),
  remove: async ({ aws }, { ref }) => {
    const client = aws(CloudFrontClient);
    const now = await absent(client.send(new GetOriginAccessControlCommand({ Id: ref })), 'NoSuchOriginAccessControl');
    if (now)
      await gone(
        client.send(new DeleteOriginAccessControlCommand({ Id: ref, IfMatch: now.ETag })),
        'NoSuchOriginAccessControl',
      );
  },
});

function config(Name: string, Description: string, spec: OriginAccessControlSpec): OriginAccessControlConfig {
  return {
    Name,
    Description,
    OriginAccessControlOriginType: spec.originType,
    SigningBehavior: spec.signingBehavior,
    SigningProtocol: spec.signingProtocol,
  };
}

/** Only the single read has the ETag that a write must name. */
async function change(
  { aws }: Cx,
  Id: string,
  edit: (live: OriginAccessControlConfig) => OriginAccessControlConfig,
): Promise<void> {
  const client = aws(CloudFrontClient);
  const { OriginAccessControl: live, ETag } = await client.send(new GetOriginAccessControlCommand({ Id }));
  if (!live?.OriginAccessControlConfig) return;
  const OriginAccessControlConfig = edit(live.OriginAccessControlConfig);
  await client.send(new UpdateOriginAccessControlCommand({ Id, IfMatch: ETag, OriginAccessControlConfig }));
}

/** `tap:project=tap tap:env=default ...`: the tags that tap itself needs; the user's own have no room. */
const describe = (tags: Tags): string =>
  Object.entries(tags)
    .filter(([key]) => key.startsWith('tap:'))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

const parse = (description: string): Tags =>
  Object.fromEntries(
    description
      .split(' ')
      .map((pair) => pair.split('=') as [string, string?])
      .flatMap(([key, value]) => (key.startsWith('tap:') && value ? [[key, value]] : [])),
  );

function observed(
  control: OriginAccessControlSummary,
  wanted: readonly Identity[],
): Observed<OriginAccessControlSpec, Out> {
  const held = parse(control.Description ?? '');
  // The other tags cannot be there, so they count as there.
  const others = wanted.find(({ id }) => id === held['tap:id'])?.tags ?? {};
  return {
    ref: control.Id ?? '',
    name: control.Name,
    attrs: {
      originType: control.OriginAccessControlOriginType,
      signingBehavior: control.SigningBehavior,
      signingProtocol: control.SigningProtocol,
    },
    out: { id: control.Id },
    tags: { ...Object.fromEntries(Object.entries(others).filter(([key]) => !key.startsWith('tap:'))), ...held },
    health: READY,
    raw: undefined,
  };
}
