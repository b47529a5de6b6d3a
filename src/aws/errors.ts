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
  'ServiceUnavailable',
]);

export const isDenied = (error: unknown): boolean => DENIED.has(describe(error).code);
export const isCredentials = (error: unknown): boolean => CREDENTIALS.has(describe(error).code);
export const isThrottled = (error: unknown): boolean => THROTTLED.has(describe(error).code);

/** No clear answer came: the call may or may not have taken effect. */
export function isAmbiguous(error: unknown): boolean {
  const { status, code } = describe(error);
  return status >= 500 || code === 'TimeoutError' || code === 'RequestTimeout' || isNetwork(error);
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
};
/** Codes that AWS also uses for lasting mistakes: passing only with this text. AWS has no code of its own for them. */
const PASSING_TEXT: readonly (readonly [code: string, text: RegExp, reason: string])[] = [];

/** Why a failed call may work later, or undefined when it will not. */
export function passing(error: unknown): string | undefined {
  const { code, message } = describe(error);
  return PASSING[code] ?? PASSING_TEXT.find(([c, text]) => c === code && text.test(message))?.[2];
}

const EXISTS =
  /(AlreadyExists|AlreadyOwnedByYou|Duplicate|EntityAlreadyExists|ResourceExists|ExistsException|InvalidChangeBatch)/;
/** The thing is already there: look again before deciding anything. */
export const isExisting = (error: unknown): boolean => EXISTS.test(describe(error).code);
