import {
  AttachInternetGatewayCommand,
  type InternetGateway as AwsInternetGateway,
  CreateInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  paginateDescribeInternetGateways,
} from '@aws-sdk/client-ec2';
import { afterwards, gone } from '../../aws/errors.ts';
import { items } from '../../aws/pages.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, READY } from '../../engine/kind.ts';
import { find, type Read, tag, tagOnCreate } from './ec2.ts';

export interface InternetGatewaySpec {
  /** The VPC it is attached to. */
  readonly vpcId: string;
}

const read =
  (cx: Cx): Read<AwsInternetGateway> =>
  (Filters) =>
    items(
      paginateDescribeInternetGateways({ client: cx.aws(EC2Client) }, { Filters }),
      (page) => page.InternetGateways,
    );

export const InternetGateway = defineKind<InternetGatewaySpec, { id: string }>()({
  kind: 'internet-gateway',
  calls: {
    observe: ['ec2 DescribeInternetGateways'],
    write: ['ec2 CreateInternetGateway', 'ec2 AttachInternetGateway', 'ec2 DetachInternetGateway', 'ec2 CreateTags'],
    remove: ['ec2 DetachInternetGateway', 'ec2 DeleteInternetGateway'],
  },
  effects: { vpcId: 'outage' },
  observe: async (cx, wanted) => {
    const gateways = await find(
      cx,
      wanted,
      'internet-gateway-id',
      read(cx),
      ({ InternetGatewayId }) => InternetGatewayId,
    );
    return (
      gateways
        .map((gateway) => {
          const ref = gateway.InternetGatewayId ?? '';
          const vpcId = gateway.Attachments?.[0]?.VpcId;
          return { ref, attrs: { vpcId }, out: { id: ref }, tags: tagsOf(gateway.Tags), health: READY, raw: undefined };
        })
        // Of two duplicates the attached one is in use.
        .sort((a, b) => Number(b.attrs.vpcId !== undefined) - Number(a.attrs.vpcId !== undefined))
    );
  },
  create: async (cx, me, spec) => {
    const create = new CreateInternetGatewayCommand({ TagSpecifications: tagOnCreate(me, 'internet-gateway') });
    const { InternetGateway: made } = await cx.aws(EC2Client).send(create);
    await afterwards(attach(cx, made?.InternetGatewayId ?? '', spec.vpcId));
  },
  update: async (cx, spec, { ref, attrs }) => {
    await detach(cx, ref, attrs.vpcId);
    await attach(cx, ref, spec.vpcId);
  },
  tag,
  remove: async (cx, { ref, attrs }) => {
    await detach(cx, ref, attrs.vpcId);
    await gone(
      cx.aws(EC2Client).send(new DeleteInternetGatewayCommand({ InternetGatewayId: ref })),
      'InvalidInternetGatewayID.NotFound',
    );
  },
});

const attach = ({ aws }: Cx, InternetGatewayId: string, VpcId: string): Promise<unknown> =>
  aws(EC2Client).send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));

/** DependencyViolation while public addresses are mapped in the VPC: those of a load balancer or NAT gateway that is leaving. */
const detach = async ({ aws }: Cx, ref: string, vpcId: string | undefined): Promise<unknown> =>
  vpcId &&
  gone(
    aws(EC2Client).send(new DetachInternetGatewayCommand({ InternetGatewayId: ref, VpcId: vpcId })),
    'Gateway.NotAttached',
    'InvalidInternetGatewayID.NotFound',
  );
