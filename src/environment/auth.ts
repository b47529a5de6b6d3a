import type { Graph, Handle } from '../engine/graph.ts';
import { all } from '../engine/ref.ts';
import { IdentityProvider } from '../resources/cognito/identity-provider.ts';
import { UserPool, type UserPoolOut } from '../resources/cognito/user-pool.ts';
import { UserPoolClient, type UserPoolClientOut } from '../resources/cognito/user-pool-client.ts';
import { UserPoolDomain, type UserPoolDomainOut } from '../resources/cognito/user-pool-domain.ts';
import { ExternalSecret } from '../resources/secretsmanager/external-secret.ts';
import { Secret } from '../resources/secretsmanager/secret.ts';
import { cognitoClientSecret } from '../resources/secretsmanager/secret-value.ts';
import type { SecretOut } from '../resources/secretsmanager/secrets.ts';
import { Parameter, type ParameterOut } from '../resources/ssm/parameter.ts';
import type { Certificates } from './certificates.ts';
import type { Env } from './env.ts';

export interface Auth {
  readonly pool: Handle<UserPoolOut>;
  /** `out.host` is the sign-in host; for a domain of one's own, `out.target` is where its alias record leads. */
  readonly domain: Handle<UserPoolDomainOut>;
  readonly client: Handle<UserPoolClientOut>;
  /** By the environment variable that each fills. */
  readonly parameters: {
    readonly COGNITO_USER_POOL_ID: Handle<ParameterOut>;
    readonly COGNITO_CLIENT_ID: Handle<ParameterOut>;
    readonly COGNITO_DOMAIN: Handle<ParameterOut>;
    readonly COGNITO_REDIRECT_URI: Handle<ParameterOut>;
  };
  /** COGNITO_CLIENT_SECRET */
  readonly clientSecret: Handle<SecretOut>;
  /** The Google OAuth client that a person sets; absent with `auth.google: false`. */
  readonly google?: Handle<SecretOut>;
}

const MFA = { off: 'OFF', optional: 'OPTIONAL', required: 'ON' } as const;
const HOUR = 3_600;
const DAY = 24 * HOUR;

/**
 * Users, how they sign in, and what the application is told about it. While the Google secret is missing, what needs
 * it waits by itself: the identity provider, the client, and what comes from the client.
 */
export function auth(g: Graph, env: Env, certificates: Pick<Certificates, 'site'>): Auth {
  const { config, names } = env;
  const callback = `https://api.${config.domain}/auth/callback`;
  const pool = userPool(g, env);
  const domain = signInDomain(g, env, pool, certificates);

  const google = config.auth.google
    ? g.add(ExternalSecret, 'google-oauth', { available: true }, { name: names.secrets.googleOauth })
    : undefined;
  const provider = google && googleProvider(g, pool, google);

  const client = g.add(
    UserPoolClient,
    'web',
    {
      userPoolId: pool.out.id,
      generateSecret: true,
      providers: provider ? ['COGNITO', provider.out.name] : ['COGNITO'],
      oauthFlows: ['code'],
      oauthScopes: ['openid', 'email', 'profile'],
      callbackUrls: [callback],
      logoutUrls: [`https://${config.domain}/login`],
      authFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      hidesUserExistence: true,
      tokenRevocation: true,
      tokenValidity: { access: HOUR, id: HOUR, refresh: 30 * DAY },
    },
    { name: names.cognito.client },
  );
  const clientSecret = g.add(
    Secret,
    'cognito-client-secret',
    {
      description: 'Client secret of the Cognito app client, the COGNITO_CLIENT_SECRET of the backend.',
      value: all([pool.out.id, client.out.id]).map(([userPoolId, clientId]) =>
        cognitoClientSecret({ userPoolId, clientId }),
      ),
    },
    { name: names.secrets.cognitoClientSecret },
  );

  const parameter = (key: string, name: string, value: string | typeof pool.out.id) =>
    g.add(Parameter, key, { type: 'String', value }, { name });
  return {
    pool,
    domain,
    client,
    parameters: {
      COGNITO_USER_POOL_ID: parameter('cognito-user-pool-id', names.parameters.userPoolId, pool.out.id),
      COGNITO_CLIENT_ID: parameter('cognito-client-id', names.parameters.clientId, client.out.id),
      COGNITO_DOMAIN: parameter('cognito-domain', names.parameters.domain, domain.out.host),
      COGNITO_REDIRECT_URI: parameter('cognito-redirect-uri', names.parameters.redirectUri, callback),
    },
    clientSecret,
    ...(google && { google }),
  };
}

const userPool = (g: Graph, { config, names }: Env): Handle<UserPoolOut> =>
  g.add(
    UserPool,
    'users',
    {
      name: names.cognito.userPool,
      usernameAttributes: ['email'],
      usernameCaseSensitive: false,
      adminCreateOnly: true,
      autoVerifiedAttributes: ['email'],
      passwordPolicy: {
        minimumLength: config.auth.passwordMinLength,
        requireLowercase: true,
        requireUppercase: true,
        requireNumbers: true,
        requireSymbols: true,
        temporaryPasswordValidityDays: 7,
      },
      accountRecovery: ['verified_email'],
      deletionProtection: true,
      mfa: { mode: MFA[config.auth.mfa], softwareToken: config.auth.mfa !== 'off' },
    },
    { name: names.cognito.userPool },
  );

function signInDomain(
  g: Graph,
  { config, names }: Env,
  pool: Handle<UserPoolOut>,
  certificates: Pick<Certificates, 'site'>,
): Handle<UserPoolDomainOut> {
  const { customDomain } = config.auth;
  const domain = customDomain ?? names.cognito.domainPrefix;
  return g.add(
    UserPoolDomain,
    'auth',
    {
      userPoolId: pool.out.id,
      domain,
      // Cognito serves it through CloudFront, which takes certificates of us-east-1 only.
      certificateArn: customDomain ? certificates.site.out.arn : null,
      managedLoginVersion: 1,
    },
    { name: domain },
  );
}

const googleProvider = (g: Graph, pool: Handle<UserPoolOut>, secret: Handle<SecretOut>): Handle<{ name: string }> =>
  g.add(
    IdentityProvider,
    'google',
    {
      userPoolId: pool.out.id,
      credentials: { secret: secret.out.arn, version: secret.out.versionId },
      scopes: ['openid', 'email', 'profile'],
      attributeMapping: { email: 'email', name: 'name', picture: 'picture', username: 'sub' },
    },
    { name: 'Google' },
  );
