import {
  type Action as AwsAction,
  type Listener as AwsListener,
  CreateListenerCommand,
  DeleteListenerCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  type RedirectActionStatusCodeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { byName } from '../../aws/discover.ts';
import { gone } from '../../aws/errors.ts';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY, type Tags } from '../../engine/kind.ts';
import { BALANCER_READS, describeLoadBalancer, GONE, nameInArn, readListeners, tag } from './elbv2.ts';

export type Action =
  | { readonly type: 'forward'; readonly targetGroupArn: string }
  | {
      readonly type: 'redirect';
      readonly protocol: string;
      readonly port: string;
      readonly host: string;
      readonly path: string;
      readonly query: string;
      readonly statusCode: RedirectActionStatusCodeEnum;
    };

export interface ListenerSpec {
  readonly loadBalancerArn: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** HTTPS only. */
  readonly sslPolicy?: string;
  /** HTTPS only. */
  readonly certificateArn?: string;
  readonly defaultActions: readonly Action[];
}

/** Its name is the natural key: `<load balancer>:<port>`. */
export const Listener = defineKind<ListenerSpec, { arn: string }>()({
  kind: 'listener',
  calls: {
    observe: BALANCER_READS,
    write: [
      'elasticloadbalancing CreateListener',
      'elasticloadbalancing ModifyListener',
      'elasticloadbalancing AddTags',
    ],
    remove: ['elasticloadbalancing DeleteListener'],
  },
  immutable: ['loadBalancerArn'],
  onImmutable: 'replace',
  createIsWhole: true,
  observe: async (cx, wanted) => {
    const parents = wanted.map((me) => ({ ...me, name: me.name.replace(/:\d+$/, ''), adopt: undefined }));
    const type = 'elasticloadbalancing:loadbalancer';
    return (await byName(cx, parents, type, nameInArn, (name) => listenersOf(cx, name))).flat();
  },
  create: ({ aws }, me, spec) =>
    aws(ElasticLoadBalancingV2Client).send(
      new CreateListenerCommand({ LoadBalancerArn: spec.loadBalancerArn, ...settings(spec), Tags: tagList(me.tags) }),
    ),
  update: ({ aws }, spec, { ref }) =>
    aws(ElasticLoadBalancingV2Client).send(new ModifyListenerCommand({ ListenerArn: ref, ...settings(spec) })),
  tag,
  remove: ({ aws }, { ref }) =>
    gone(aws(ElasticLoadBalancingV2Client).send(new DeleteListenerCommand({ ListenerArn: ref })), ...GONE),
});

const settings = (spec: ListenerSpec) => ({
  Protocol: spec.protocol,
  Port: spec.port,
  SslPolicy: spec.sslPolicy,
  Certificates: spec.certificateArn === undefined ? undefined : [{ CertificateArn: spec.certificateArn }],
  DefaultActions: spec.defaultActions.map(toAws),
});

const toAws = (action: Action): AwsAction =>
  action.type === 'forward'
    ? { Type: 'forward', TargetGroupArn: action.targetGroupArn }
    : {
        Type: 'redirect',
        RedirectConfig: {
          Protocol: action.protocol,
          Port: action.port,
          Host: action.host,
          Path: action.path,
          Query: action.query,
          StatusCode: action.statusCode,
        },
      };

/** Actions of other types, or forwarding to several groups, come back as AWS states them: they equal nothing of ours. */
function fromAws(action: AwsAction): Action {
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  const to = groups[0]?.TargetGroupArn ?? action.TargetGroupArn;
  if (action.Type === 'forward' && groups.length < 2 && to) return { type: 'forward', targetGroupArn: to };
  const { RedirectConfig: redirect } = action;
  if (action.Type !== 'redirect' || !redirect) return action as unknown as Action;
  return {
    type: 'redirect',
    protocol: redirect.Protocol ?? '#{protocol}',
    port: redirect.Port ?? '#{port}',
    host: redirect.Host ?? '#{host}',
    path: redirect.Path ?? '/#{path}',
    query: redirect.Query ?? '#{query}',
    statusCode: redirect.StatusCode ?? 'HTTP_301',
  };
}

async function listenersOf(cx: Cx, balancer: string): Promise<Observed<ListenerSpec, { arn: string }>[]> {
  const known = cx.known('load-balancer').find(({ name }) => name === balancer);
  const arn = known?.ref ?? (await describeLoadBalancer(cx, balancer))?.LoadBalancerArn;
  if (!arn) return [];
  const { listeners, tags } = await readListeners(cx, arn);
  return listeners.map((listener) => observed(balancer, listener, tags.get(listener.ListenerArn ?? '') ?? {}));
}

const observed = (balancer: string, listener: AwsListener, tags: Tags): Observed<ListenerSpec, { arn: string }> => ({
  ref: listener.ListenerArn ?? '',
  name: `${balancer}:${listener.Port}`,
  attrs: {
    loadBalancerArn: listener.LoadBalancerArn,
    protocol: listener.Protocol as ListenerSpec['protocol'],
    port: listener.Port,
    sslPolicy: listener.SslPolicy,
    certificateArn: listener.Certificates?.[0]?.CertificateArn,
    defaultActions: (listener.DefaultActions ?? []).map(fromAws),
  },
  out: { arn: listener.ListenerArn },
  tags,
  health: READY,
  raw: undefined,
});
