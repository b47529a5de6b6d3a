import {
  BedrockClient,
  GetFoundationModelAvailabilityCommand,
  type GetFoundationModelAvailabilityResponse,
  GetInferenceProfileCommand,
} from '@aws-sdk/client-bedrock';
import { absent } from '../aws/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { modelOf } from '../environment/bedrock.ts';
import { type Check, type Found, ok, problem } from './finding.ts';

const UNKNOWN = ['ResourceNotFoundException', 'ValidationException'];

/** The account may use the configured models from this region. */
export const bedrock: Check = {
  name: 'bedrock',
  find: async ({ cx, account: { config } }) => {
    const { models } = config.bedrock;
    if (models.length === 0) return [ok('no model is configured')];
    return Promise.all(models.map((id) => look(cx, id)));
  },
};

async function look({ aws, region }: Cx, id: string): Promise<Found> {
  const client = aws(BedrockClient);
  const model = modelOf(id);
  const isProfile = model !== id;
  const [answer, profile] = await Promise.all([
    absent(client.send(new GetFoundationModelAvailabilityCommand({ modelId: model })), ...UNKNOWN),
    isProfile
      ? absent(client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: id })), ...UNKNOWN)
      : undefined,
  ]);
  const elsewhere = `correct bedrock.models: "Supported foundation models" of the Bedrock User Guide lists ids by region`;
  if (isProfile && profile?.status !== 'ACTIVE') return problem(`${region} has no inference profile ${id}`, elsewhere);
  if (!answer) return problem(`there is no model ${model} in ${region}`, elsewhere);
  // A profile sends requests on to other regions, so the model need not be in this one.
  if (!isProfile && answer.regionAvailability === 'NOT_AVAILABLE')
    return problem(`${model} is not available in ${region}`, elsewhere);
  return access(answer, id, region);
}

/** "Access Amazon Bedrock foundation models" (Bedrock User Guide). */
function access(answer: GetFoundationModelAvailabilityResponse, id: string, region: string): Found {
  const { agreementAvailability, authorizationStatus, entitlementAvailability } = answer;
  const { status, errorMessage } = agreementAvailability ?? {};
  if (authorizationStatus === 'NOT_AUTHORIZED')
    return problem(
      `${id}: this account or organization is not authorized for the model`,
      'look for a service control policy that denies Bedrock or AWS Marketplace, or ask AWS Support',
    );
  if (status === 'PENDING') return problem(`${id}: the agreement for the model is being made`, 'wait for some minutes');
  if (status !== 'AVAILABLE' || entitlementAvailability === 'NOT_AVAILABLE')
    return problem(
      `${id}: the account has no agreement for the model yet${errorMessage ? ` (${errorMessage})` : ''}`,
      `open it once in the model catalog of the Bedrock console in ${region}, with the right to aws-marketplace:Subscribe; for Anthropic's models send the use case form there`,
    );
  return ok(`${id} may be invoked`);
}
