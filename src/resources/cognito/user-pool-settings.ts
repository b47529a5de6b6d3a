import type {
  CreateUserPoolRequest,
  GetUserPoolMfaConfigResponse,
  RecoveryOptionNameType,
  UpdateUserPoolRequest,
  UsernameAttributeType,
  UserPoolType,
  VerifiedAttributeType,
} from '@aws-sdk/client-cognito-identity-provider';

export interface UserPoolSpec {
  /** Compared so that an adopted pool gets the name by which it is found later. */
  readonly name: string;
  readonly usernameAttributes: readonly UsernameAttributeType[];
  readonly usernameCaseSensitive: boolean;
  /** Nobody signs up: an administrator or a federated sign-in makes each user. */
  readonly adminCreateOnly: boolean;
  readonly autoVerifiedAttributes: readonly VerifiedAttributeType[];
  readonly passwordPolicy: {
    readonly minimumLength: number;
    readonly requireLowercase: boolean;
    readonly requireUppercase: boolean;
    readonly requireNumbers: boolean;
    readonly requireSymbols: boolean;
    readonly temporaryPasswordValidityDays: number;
  };
  /** How a forgotten password is recovered. */
  readonly accountRecovery: readonly RecoveryOptionNameType[];
  readonly deletionProtection: boolean;
  readonly mfa: { readonly mode: 'OFF' | 'OPTIONAL' | 'ON'; readonly softwareToken: boolean };
}

/** The spec as CreateUserPool and UpdateUserPool take it; MFA is set by a call of its own. */
export const created = (spec: UserPoolSpec): CreateUserPoolRequest & { PoolName: string } => ({
  PoolName: spec.name,
  UsernameAttributes: [...spec.usernameAttributes],
  UsernameConfiguration: { CaseSensitive: spec.usernameCaseSensitive },
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: spec.adminCreateOnly },
  AutoVerifiedAttributes: [...spec.autoVerifiedAttributes],
  Policies: {
    PasswordPolicy: {
      MinimumLength: spec.passwordPolicy.minimumLength,
      RequireLowercase: spec.passwordPolicy.requireLowercase,
      RequireUppercase: spec.passwordPolicy.requireUppercase,
      RequireNumbers: spec.passwordPolicy.requireNumbers,
      RequireSymbols: spec.passwordPolicy.requireSymbols,
      TemporaryPasswordValidityDays: spec.passwordPolicy.temporaryPasswordValidityDays,
    },
  },
  AccountRecoverySetting: {
    RecoveryMechanisms: spec.accountRecovery.map((Name, index) => ({ Name, Priority: index + 1 })),
  },
  DeletionProtection: spec.deletionProtection ? 'ACTIVE' : 'INACTIVE',
});

/** The live pool in the shape of the spec. */
export function liveSpec(pool: UserPoolType, mfa: GetUserPoolMfaConfigResponse): Partial<UserPoolSpec> {
  const password = pool.Policies?.PasswordPolicy;
  return {
    name: pool.Name,
    usernameAttributes: pool.UsernameAttributes ?? [],
    usernameCaseSensitive: pool.UsernameConfiguration?.CaseSensitive ?? true,
    adminCreateOnly: pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
    autoVerifiedAttributes: pool.AutoVerifiedAttributes ?? [],
    passwordPolicy: {
      minimumLength: password?.MinimumLength ?? 0,
      requireLowercase: password?.RequireLowercase ?? false,
      requireUppercase: password?.RequireUppercase ?? false,
      requireNumbers: password?.RequireNumbers ?? false,
      requireSymbols: password?.RequireSymbols ?? false,
      temporaryPasswordValidityDays: password?.TemporaryPasswordValidityDays ?? 0,
    },
    accountRecovery: [...(pool.AccountRecoverySetting?.RecoveryMechanisms ?? [])]
      .sort((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0))
      .flatMap(({ Name }) => Name ?? []),
    deletionProtection: pool.DeletionProtection === 'ACTIVE',
    mfa: {
      mode: (mfa.MfaConfiguration ?? 'OFF') as UserPoolSpec['mfa']['mode'],
      softwareToken: mfa.SoftwareTokenMfaConfiguration?.Enabled ?? false,
    },
  };
}

/** What DescribeUserPool answers and UpdateUserPool takes under the same name. */
const UPDATABLE = [
  'LambdaConfig',
  'Policies',
  'DeletionProtection',
  'AutoVerifiedAttributes',
  'SmsVerificationMessage',
  'EmailVerificationMessage',
  'EmailVerificationSubject',
  'VerificationMessageTemplate',
  'SmsAuthenticationMessage',
  'UserAttributeUpdateSettings',
  'MfaConfiguration',
  'DeviceConfiguration',
  'EmailConfiguration',
  'SmsConfiguration',
  'UserPoolAddOns',
  'DcrConfiguration',
  'AccountRecoverySetting',
  'UserPoolTier',
  'KeyConfiguration',
  'IssuerConfiguration',
  'AcrConfiguration',
] as const satisfies readonly (keyof UserPoolType & keyof UpdateUserPoolRequest)[];

/** The live settings as an update, with `changes` on top; what only a create takes is dropped. */
export function keepRest(
  pool: UserPoolType,
  changes: Partial<UpdateUserPoolRequest>,
): Omit<UpdateUserPoolRequest, 'UserPoolId'> {
  const keys: readonly string[] = ['PoolName', ...UPDATABLE];
  return {
    ...Object.fromEntries(UPDATABLE.map((key) => [key, pool[key]])),
    PoolName: pool.Name,
    // Tags of AWS's own cannot be written.
    UserPoolTags: Object.fromEntries(
      Object.entries(pool.UserPoolTags ?? {}).filter(([key]) => !key.startsWith('aws:')),
    ),
    ...Object.fromEntries(Object.entries(changes).filter(([key]) => keys.includes(key))),
    Policies: {
      ...pool.Policies,
      PasswordPolicy: { ...pool.Policies?.PasswordPolicy, ...changes.Policies?.PasswordPolicy },
    },
    AdminCreateUserConfig: {
      ...pool.AdminCreateUserConfig,
      // AWS answers this old name but refuses it beside TemporaryPasswordValidityDays.
      UnusedAccountValidityDays: undefined,
      ...changes.AdminCreateUserConfig,
    },
  };
}
