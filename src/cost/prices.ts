/**
 * List prices of us-east-1 in US dollars, on demand, without free tier, savings plans and usage. Each from the service's
 * pricing page, named beside it.
 */
export const PRICES_OF = '2026-11';

/** Hours of an average month, as the AWS Pricing Calculator counts. */
export const HOURS = 730;

export const PRICES = {
  /** aws.amazon.com/fargate/pricing: Linux, an hour. */
  fargate: {
    X86_64: { vcpu: 0.04048, gb: 0.004445 },
    ARM64: { vcpu: 0.03238, gb: 0.00356 },
  },
  /** aws.amazon.com/elasticloadbalancing/pricing: an hour; capacity units are usage. */
  loadBalancer: 0.0225,
  /** aws.amazon.com/vpc/pricing: an hour; processed data is usage. */
  natGateway: 0.045,
  /** aws.amazon.com/vpc/pricing: a public IPv4 address, an hour, in use or not. */
  address: 0.005,
  /** aws.amazon.com/rds/postgresql/pricing: a GB of gp3, a month, in one Availability Zone. */
  databaseStorage: 0.115,
  /** aws.amazon.com/secrets-manager/pricing: a month; calls are usage. */
  secret: 0.4,
  /** aws.amazon.com/cloudwatch/pricing: a month, standard resolution. */
  alarm: 0.1,
  compositeAlarm: 0.5,
} as const;

/** aws.amazon.com/rds/postgresql/pricing: an hour in one Availability Zone. */
export const DATABASE_HOUR: Readonly<Record<string, number>> = {
  'db.t3.micro': 0.018,
  'db.t3.small': 0.036,
  'db.t3.medium': 0.072,
  'db.t3.large': 0.145,
  'db.t3.xlarge': 0.29,
  'db.t3.2xlarge': 0.579,
  'db.t4g.micro': 0.016,
  'db.t4g.small': 0.032,
  'db.t4g.medium': 0.065,
  'db.t4g.large': 0.129,
  'db.t4g.xlarge': 0.258,
  'db.t4g.2xlarge': 0.517,
  'db.m5.large': 0.178,
  'db.m5.xlarge': 0.356,
  'db.m6g.large': 0.159,
  'db.m6g.xlarge': 0.318,
  'db.m6g.2xlarge': 0.636,
  'db.m7g.large': 0.168,
  'db.m7g.xlarge': 0.337,
  'db.m7g.2xlarge': 0.674,
  'db.r6g.large': 0.225,
  'db.r6g.xlarge': 0.45,
  'db.r6g.2xlarge': 0.899,
  'db.r7g.large': 0.239,
  'db.r7g.xlarge': 0.479,
  'db.r7g.2xlarge': 0.958,
};

/**
 * How much dearer a region is, roughly: the ratio of its Fargate and db.t4g.micro prices to those of us-east-1. Single
 * prices differ by up to a tenth from that.
 */
const REGION_FACTOR: Readonly<Record<string, number>> = {
  'us-east-1': 1,
  'us-east-2': 1,
  'us-west-2': 1,
  'us-west-1': 1.15,
  'ca-central-1': 1.1,
  'eu-west-1': 1.05,
  'eu-west-2': 1.15,
  'eu-west-3': 1.15,
  'eu-central-1': 1.15,
  'eu-north-1': 1.05,
  'eu-south-1': 1.15,
  'ap-south-1': 1.05,
  'ap-southeast-1': 1.25,
  'ap-southeast-2': 1.25,
  'ap-northeast-1': 1.25,
  'ap-northeast-2': 1.2,
  'sa-east-1': 1.7,
};

/** @returns undefined where no factor is known; the prices of us-east-1 are then the best that there is */
export const regionFactor = (region: string): number | undefined => REGION_FACTOR[region];
