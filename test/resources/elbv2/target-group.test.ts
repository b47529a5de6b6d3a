import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { TargetGroup } from '../../../src/resources/elbv2/target-group.ts';
import { contract } from '../../contract.ts';
import { findNetwork, network, targets } from './parts.ts';

contract(TargetGroup, {
  prepare: findNetwork,
  build: targets,
  tamper: {
    vpcId: 'immutable',
    protocol: 'immutable',
    port: 'immutable',
    targetType: 'immutable',
    healthCheck: ({ aws }, { ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new ModifyTargetGroupCommand({ TargetGroupArn: ref, HealthCheckPath: '/', Matcher: { HttpCode: '200-499' } }),
      ),
    attributes: ({ aws }, { ref }) =>
      aws(ElasticLoadBalancingV2Client).send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: ref,
          Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '300' }],
        }),
      ),
  },
  foreign: ({ aws }) =>
    aws(ElasticLoadBalancingV2Client).send(
      new CreateTargetGroupCommand({
        Name: 'tap-tg',
        Protocol: 'HTTP',
        Port: 80,
        VpcId: network().vpc,
        TargetType: 'ip',
      }),
    ),
});
