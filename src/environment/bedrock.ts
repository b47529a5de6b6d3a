import type { Env } from './env.ts';
import { allow, type Statement } from './policies.ts';

const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

/**
 * Regions that a geography's inference profiles may send a request to ("Supported Regions and models for inference
 * profiles"); which of them depends on the model and changes over time. Listing one too many grants nothing, since a model
 * may only be reached through the profile.
 */
const GEOGRAPHIES: Readonly<Record<string, readonly string[]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1'],
  ca: ['ca-central-1', 'ca-west-1'],
  eu: [
    ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2'],
    ...['eu-west-1', 'eu-west-2', 'eu-west-3'],
  ],
  apac: [
    ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
    ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4'],
  ],
  jp: ['ap-northeast-1', 'ap-northeast-3'],
  au: ['ap-southeast-2', 'ap-southeast-4'],
  // "Global cross-Region inference": the model in the source region, and once more without a region, set apart below.
  global: [''],
};

/**
 * May invoke exactly the configured models. A plain id is a model of this region. An id with a geography is an inference
 * profile: AWS checks the profile and then the model in the region that it sends the request to ("Prerequisites for
 * inference profiles").
 */
export function invokeModels({ config: { bedrock }, facts: { partition, region, account } }: Env): Statement[] {
  const model = (id: string, where = region): string => `arn:${partition}:bedrock:${where}::foundation-model/${id}`;
  const plain = bedrock.models.filter((id) => !geographyOf(id));
  const profiles = bedrock.models.flatMap((id) => {
    const geography = geographyOf(id);
    if (!geography) return [];
    const regions = new Set([region, ...(GEOGRAPHIES[geography] ?? [])]);
    return [
      {
        arn: `arn:${partition}:bedrock:${region}:${account}:inference-profile/${id}`,
        models: [...regions].map((where) => model(id.slice(geography.length + 1), where)),
      },
    ];
  });
  return [
    ...(plain.length > 0
      ? [
          allow(
            'InvokeModels',
            INVOKE,
            plain.map((id) => model(id)),
          ),
        ]
      : []),
    ...(profiles.length > 0
      ? [
          allow(
            'InvokeProfiles',
            INVOKE,
            profiles.map(({ arn }) => arn),
          ),
        ]
      : []),
    ...profiles.map(({ arn, models }, i) =>
      allow(`InvokeThroughProfile${i + 1}`, INVOKE, models, { StringEquals: { 'bedrock:InferenceProfileArn': arn } }),
    ),
  ];
}

const geographyOf = (id: string): string | undefined =>
  Object.keys(GEOGRAPHIES).find((geography) => id.startsWith(`${geography}.`));

/** The model behind an inference profile, or the model itself. */
export const modelOf = (id: string): string => id.slice((geographyOf(id)?.length ?? -1) + 1);
