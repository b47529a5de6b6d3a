import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { hasCode, isAmbiguous, isUnsent } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';

/** Which service. */
export interface Where {
  readonly cluster: string;
  readonly service: string;
}

type Aws = Pick<Cx, 'aws'>;

/** The service, read afresh. */
export async function readService({ aws }: Aws, { cluster, service }: Where): Promise<Service> {
  const { services } = await aws(ECSClient).send(new DescribeServicesCommand({ cluster, services: [service] }));
  return services?.[0] ?? {};
}

/** The newest deployments of the service, newest first; up to twenty, and with a delay. */
export async function newestDeployments(
  { aws }: Aws,
  where: Where,
): Promise<{ readonly arn: string; readonly revision: string }[]> {
  const { serviceDeployments = [] } = await aws(ECSClient).send(new ListServiceDeploymentsCommand({ ...where }));
  return serviceDeployments.map(({ serviceDeploymentArn: arn = '', targetServiceRevisionArn: revision = '' }) => ({
    arn,
    revision,
  }));
}

/** @returns undefined for one that is not listed yet, or not any more: AWS keeps them for 90 days */
export async function readDeployment({ aws }: Aws, arn: string): Promise<ServiceDeployment | undefined> {
  const { serviceDeployments } = await aws(ECSClient).send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
  );
  return serviceDeployments?.[0];
}

/** What the revisions of a service run: the ARN of the task definition, by the ARN of the service revision. */
export async function taskDefinitionsOf(
  { aws }: Aws,
  revisions: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (revisions.length === 0) return new Map();
  const { serviceRevisions = [] } = await aws(ECSClient).send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: [...revisions] }),
  );
  return new Map(
    serviceRevisions.map(({ serviceRevisionArn = '', taskDefinition = '' }) => [serviceRevisionArn, taskDefinition]),
  );
}

/**
 * Tells the service what to run. When the answer is lost, looks before it fails: the update may have been made.
 * @throws what the SDK throws, when the update was not made
 */
export async function updateService(
  cx: Aws,
  where: Where,
  change: Omit<UpdateServiceCommandInput, 'cluster' | 'service'>,
): Promise<Service> {
  try {
    const { service } = await cx.aws(ECSClient).send(new UpdateServiceCommand({ ...where, ...change }));
    return service ?? {};
  } catch (error) {
    if (!isAmbiguous(error) || isUnsent(error) || !change.taskDefinition) throw error;
    const service = await readService(cx, where);
    if (service.taskDefinition === change.taskDefinition) return service;
    throw error;
  }
}

/**
 * Asks ECS to go back to the service revision before ("Stopping Amazon ECS service deployments": also where the deployment
 * has no roll-back configured; ABORT is in the API and not supported).
 * @returns false when the deployment has ended meanwhile
 */
export async function stopDeployment({ aws }: Aws, arn: string): Promise<boolean> {
  try {
    await aws(ECSClient).send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' }));
    return true;
  } catch (error) {
    if (hasCode(error, 'ConflictException', 'ServiceDeploymentNotFoundException')) return false;
    throw error;
  }
}
