/** What an SDK error says, in one shape for all services. */
export interface AwsFailure {
  readonly code: string;
  readonly message: string;
  /** HTTP status; 0 when no answer arrived. */
  readonly status: number;
  readonly requestId?: string;
  readonly attempts: number;
  /** `EC2 CreateVpc`, when the error came through our clients. */
  readonly call?: string;
}

export function describe(error: unknown): AwsFailure {
  const e = (error ?? {}) as {
    name?: string;
    code?: string;
    Code?: string;
    message?: string;
    call?: string;
    $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  };
  return {
    code: e.name && e.name !== 'Error' ? e.name : (e.Code ?? e.code ?? 'Error'),
    message: e.message || e.code || String(error),
    status: e.$metadata?.httpStatusCode ?? 0,
    requestId: e.$metadata?.requestId,
    attempts: e.$metadata?.attempts ?? 1,
    call: e.call,
  };
}

/** True when the error has one of these codes. Some services append or drop `Exception`; codes are compared as sent. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean => codes.includes(describe(error).code);

/** Runs a read; an error with one of these codes means that the thing is absent. Denied is never absent. */
export async function absent<T>(read: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}

/** Runs a removal; an error with one of these codes means that it was done before. */
export const gone = absent;

/**
 * The calls of a `create` behind the one that makes the object. Their errors are dropped: what they did not do differs at
 * the next look, and then `update` does it, where errors that pass are waited for. Thrown from `create`, they would say
 * that nothing was made.
 */
export async function afterwards(calls: Promise<unknown>): Promise<void> {
  await calls.catch(() => undefined);
}

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
  'AuthorizationErrorException',
  'NotAuthorizedException',
  'Forbidden',
]);
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'RequestExpired',
  'TokenProviderError',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
  'PriorRequestNotComplete',
  'EC2ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
]);

export const isDenied = (error: unknown): boolean => DENIED.has(describe(error).code);
export const isCredentials = (error: unknown): boolean => CREDENTIALS.has(describe(error).code);
export const isThrottled = (error: unknown): boolean => THROTTLED.has(describe(error).code);

/** No clear answer came: the call may or may not have taken effect. */
export function isAmbiguous(error: unknown): boolean {
  const { status, code } = describe(error);
  // A status of success on an error: the answer was there, but could not be read.
  const unread = status >= 200 && status < 300;
  return unread || status >= 500 || code === 'TimeoutError' || code === 'RequestTimeout' || isNetwork(error);
}

/** The call never left this computer. */
export function isUnsent(error: unknown): boolean {
  const code = (error as { code?: string } | undefined)?.code ?? '';
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code);
}

export function isNetwork(error: unknown): boolean {
  const code = (error as { code?: string } | undefined)?.code ?? '';
  return /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code);
}

/**
 * Errors that pass by themselves, by code: what was just made is not visible everywhere yet, or something else must
 * finish first. The sentence is what the user sees while tap waits.
 * Extend this table, not the resource files.
 */
const PASSING: Readonly<Record<string, string>> = {
  DependencyViolation: 'something still uses it',
  ResourceInUse: 'something still uses it',
  ResourceInUseException: 'something still uses it',
  ConflictException: 'another change is going on',
  OperationAborted: 'S3 is still busy with the bucket',
  OperationNotPermittedException: 'another change is going on',
  ConcurrentModification: 'another change is going on',
  ConcurrentModificationException: 'another change is going on',
  PreconditionFailed: 'it was changed meanwhile',
  InvalidIfMatchVersion: 'it was changed meanwhile',
  // EC2 error codes: what this run has just made is not known to all of EC2 yet ("Ensuring idempotency", eventual
  // consistency). Only ids of live objects are ever sent, and reads go by filters.
  'InvalidVpcID.NotFound': 'the VPC is not visible everywhere yet',
  'InvalidSubnetID.NotFound': 'the subnet is not visible everywhere yet',
  'InvalidSubnetId.NotFound': 'the subnet is not visible everywhere yet',
  'InvalidGroup.NotFound': 'the security group is not visible everywhere yet',
  'InvalidInternetGatewayID.NotFound': 'the internet gateway is not visible everywhere yet',
  'InvalidGatewayID.NotFound': 'the gateway is not visible everywhere yet',
  'InvalidRouteTableID.NotFound': 'the route table is not visible everywhere yet',
  'InvalidAllocationID.NotFound': 'the address is not visible everywhere yet',
  'InvalidNatGatewayID.NotFound': 'the NAT gateway is not visible everywhere yet',
  NatGatewayNotFound: 'the NAT gateway is not visible everywhere yet',
  // EC2 error codes.
  'InvalidGroup.InUse': 'another security group refers to it',
  'InvalidIPAddress.InUse': 'the address is still in use',
  // ReleaseAddress right after its NAT gateway was deleted (hashicorp/terraform-provider-aws#49299).
  'InvalidNetworkInterfaceID.NotFound': 'the address is just being let go',
  // DeleteCluster and PutClusterCapacityProviders, ECS API reference.
  ClusterContainsServicesException: 'its services are still being deleted',
  ClusterContainsTasksException: 'its tasks are still stopping',
  UpdateInProgressException: 'another change is going on',
  // An issued certificate reaches ELB with a delay (hashicorp/terraform#10180).
  CertificateNotFound: 'the load balancer does not know the certificate yet',
  CertificateNotFoundException: 'the load balancer does not know the certificate yet',
  // DeleteOriginAccessControl, DeleteFunction, DeleteDistribution, CloudFront API reference: until the distribution that
  // uses them is changed or gone everywhere.
  OriginAccessControlInUse: 'a distribution still uses it',
  FunctionInUse: 'a distribution still uses it',
  DistributionNotDisabled: 'CloudFront is still switching it off',
  // CloudWatch Logs: "Multiple concurrent requests to update the same resource were in conflict."
  OperationAbortedException: 'another change is going on',
  // ModifyDBInstance, DeleteDBInstance: "The DB instance isn't in a valid state", such as backing-up or modifying.
  InvalidDBInstanceStateFault: 'the database is busy',
  // DeleteDBInstance: the name of the final snapshot is taken; the next call gives it another second.
  DBSnapshotAlreadyExistsFault: 'a snapshot of that name exists already',
  // DeleteRole, IAM API reference: its policies are taken away first, and "changes that I make are not always immediately
  // visible" (Troubleshoot IAM).
  DeleteConflict: 'something is still attached to it',
  DeleteConflictException: 'something is still attached to it',
  EntityTemporarilyUnmodifiable: 'another change is going on',
  EntityTemporarilyUnmodifiableException: 'another change is going on',
  // DeleteDBSubnetGroup: "it's in use".
  InvalidDBSubnetGroupStateFault: 'a database still uses it',
};
/** Codes that AWS also uses for lasting mistakes: passing only with this text. AWS has no code of its own for them. */
const PASSING_TEXT: readonly (readonly [code: string, text: RegExp, reason: string])[] = [
  // PutRolePolicy, AttachRolePolicy, TagRole on a role made seconds ago (Troubleshoot IAM, same page).
  ['NoSuchEntity', /role with name .* cannot be found/i, 'the role is not visible everywhere yet'],
  ['NoSuchEntityException', /role with name .* cannot be found/i, 'the role is not visible everywhere yet'],
  // A trust policy that names a provider or role made seconds ago (hashicorp/terraform-provider-aws#12436).
  ['MalformedPolicyDocument', /invalid principal/i, 'the principal is not known everywhere yet'],
  ['MalformedPolicyDocumentException', /invalid principal/i, 'the principal is not known everywhere yet'],
  // An issued certificate reaches CloudFront with a delay (hashicorp/terraform-provider-aws#4698).
  ['InvalidViewerCertificate', /doesn.t exist, isn.t in us-east-1/, 'CloudFront does not know the certificate yet'],
  // DeleteUserPool: the pool still has a domain (hashicorp/terraform-provider-aws#16479).
  [
    'InvalidParameterException',
    /domain configured that should be deleted/,
    'its sign-in domain is still being deleted',
  ],
  // CreateUserPoolDomain with one's own domain (repost.aws/knowledge-center/cognito-custom-domain-errors).
  [
    'InvalidParameterException',
    /not able to resolve the root domain/i,
    'the domain above the sign-in domain has no A record yet',
  ],
  // ReleaseAddress while a NAT gateway that is being deleted still holds the address (eformat/sno-for-100#5).
  ['AuthFailure', /do not have permission to access the specified resource/, 'the address is still in use'],
  // CreateFlowLogs with a role that was just made (hashicorp/terraform-provider-aws#29323).
  ['InvalidParameter', /Unable to assume given IAM role/, 'the role is not usable yet'],
  // CreateCluster and CreateService in a new account: ECS makes its role and uses it too soon (aws/containers-roadmap#2614).
  ['InvalidParameterException', /assume the service linked role/i, 'ECS does not know its service-linked role yet'],
  // CreateService: the listener is not seen yet (hashicorp/terraform#32908).
  ['InvalidParameterException', /does not have an associated load balancer/, 'ECS does not see the listener yet'],
  ['InvalidParameterException', /still Draining/i, 'the old service is still draining'],
  // A service of the name is there already; the next look finds it, or its end (hashicorp/terraform-provider-aws#2283).
  ['InvalidParameterException', /service was not idempotent/i, 'ECS already knows a service of this name'],
  ['ClientException', /Too many concurrent attempts/, 'another revision is being registered'],
  // A role made seconds ago (terraform-aws-modules/terraform-aws-ecs#414).
  [
    'AccessDeniedException',
    /not authorized to perform: iam:PassRole/,
    'the role is not known yet, or iam:PassRole is missing',
  ],
  ['ClientException', /Role is not valid/, 'ECS does not know the role yet'],
  // ModifyLoadBalancerAttributes: the bucket policy takes up to a minute to count.
  ['InvalidConfigurationRequest', /Access Denied for bucket|transient/i, 'ELB may not write to the log bucket yet'],
  [
    'InvalidConfigurationRequestException',
    /Access Denied for bucket|transient/i,
    'ELB may not write to the log bucket yet',
  ],
  // "Using service-linked roles for Amazon RDS": the first subnet group or instance of an account, while AWS makes the role.
  [
    'InvalidParameterValue',
    /create service linked role|ServiceLinkedRoles/,
    'AWS is making the role that RDS works by',
  ],
  // CreateSecret after a deletion without a recovery window, which is not finished at once (DeleteSecret).
  ['InvalidRequestException', /already scheduled for deletion/, 'the old secret of that name is still being deleted'],
];

/** Why a failed call may work later, or undefined when it will not. */
export function passing(error: unknown): string | undefined {
  const { code, message } = describe(error);
  return PASSING[code] ?? PASSING_TEXT.find(([c, text]) => c === code && text.test(message))?.[2];
}

const EXISTS =
  /(AlreadyExists|AlreadyOwnedByYou|AlreadyAssociated|Duplicate|EntityAlreadyExists|ResourceExists|ExistsException|InvalidChangeBatch)/;
/** The thing is already there: look again before deciding anything. */
export const isExisting = (error: unknown): boolean => EXISTS.test(describe(error).code);

const MISSING = /(NotFound|NoSuch|DoesNotExist)/;
/** AWS does not know something that the call is for, or that it names. */
export const isMissing = (error: unknown): boolean => MISSING.test(describe(error).code);
