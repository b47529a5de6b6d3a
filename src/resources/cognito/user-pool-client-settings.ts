import type {
  CreateUserPoolClientRequest,
  ExplicitAuthFlowsType,
  OAuthFlowType,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';

export interface UserPoolClientSpec {
  readonly userPoolId: string;
  readonly generateSecret: boolean;
  /** Where users may come from: `COGNITO`, `Google`. */
  readonly providers: readonly string[];
  readonly oauthFlows: readonly OAuthFlowType[];
  readonly oauthScopes: readonly string[];
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly authFlows: readonly ExplicitAuthFlowsType[];
  readonly hidesUserExistence: boolean;
  readonly tokenRevocation: boolean;
  /** Seconds. */
  readonly tokenValidity: { readonly access: number; readonly id: number; readonly refresh: number };
}

/** All but the secret, which DescribeUserPoolClient also answers. */
export type Settings = Omit<UserPoolClientType, 'ClientSecret'>;

/** The spec as CreateUserPoolClient and UpdateUserPoolClient take it. */
export const settings = (spec: UserPoolClientSpec): Omit<CreateUserPoolClientRequest, 'UserPoolId' | 'ClientName'> => ({
  SupportedIdentityProviders: [...spec.providers],
  // The switch without which the other OAuth settings are refused.
  AllowedOAuthFlowsUserPoolClient: spec.oauthFlows.length > 0,
  AllowedOAuthFlows: [...spec.oauthFlows],
  AllowedOAuthScopes: [...spec.oauthScopes],
  CallbackURLs: [...spec.callbackUrls],
  LogoutURLs: [...spec.logoutUrls],
  ExplicitAuthFlows: [...spec.authFlows],
  PreventUserExistenceErrors: spec.hidesUserExistence ? 'ENABLED' : 'LEGACY',
  EnableTokenRevocation: spec.tokenRevocation,
  AccessTokenValidity: spec.tokenValidity.access,
  IdTokenValidity: spec.tokenValidity.id,
  RefreshTokenValidity: spec.tokenValidity.refresh,
  TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds', RefreshToken: 'seconds' },
});

/** The live client in the shape of the spec. */
export function liveSpec(client: Settings): Partial<UserPoolClientSpec> {
  const units = client.TokenValidityUnits;
  return {
    userPoolId: client.UserPoolId,
    providers: client.SupportedIdentityProviders ?? [],
    oauthFlows: client.AllowedOAuthFlowsUserPoolClient ? (client.AllowedOAuthFlows ?? []) : [],
    oauthScopes: client.AllowedOAuthScopes ?? [],
    callbackUrls: client.CallbackURLs ?? [],
    logoutUrls: client.LogoutURLs ?? [],
    authFlows: client.ExplicitAuthFlows ?? [],
    hidesUserExistence: client.PreventUserExistenceErrors === 'ENABLED',
    tokenRevocation: client.EnableTokenRevocation ?? false,
    // Units and values that AWS leaves out are its defaults: an hour, an hour, 30 days.
    tokenValidity: {
      access: seconds(client.AccessTokenValidity ?? 1, units?.AccessToken ?? 'hours'),
      id: seconds(client.IdTokenValidity ?? 1, units?.IdToken ?? 'hours'),
      refresh: seconds(client.RefreshTokenValidity ?? 30, units?.RefreshToken ?? 'days'),
    },
  };
}

const SECONDS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };
const seconds = (value: number, unit: keyof typeof SECONDS): number => value * SECONDS[unit];
