import type {
  DefaultCacheBehavior,
  DistributionConfig,
  EventType,
  HttpVersion,
  MinimumProtocolVersion,
  PriceClass,
  ViewerProtocolPolicy,
} from '@aws-sdk/client-cloudfront';

/** A site on CloudFront: one bucket, one behaviour for all paths. What is not named here stays as it is. */
export interface DistributionSpec {
  readonly enabled: boolean;
  /** Starts with `<p>-`: that is also how a distribution of ours is recognised. */
  readonly comment: string;
  readonly aliases: readonly string[];
  /** In us-east-1, issued. */
  readonly certificateArn: string;
  readonly minimumTls: MinimumProtocolVersion;
  readonly origins: readonly { readonly domainName: string; readonly accessControlId: string }[];
  /** Paths with a behaviour of their own: none. One added by hand is seen and goes. */
  readonly otherBehaviors: readonly string[];
  readonly rootObject: string;
  readonly cachePolicyId: string;
  readonly responseHeadersPolicyId: string;
  readonly viewerProtocol: ViewerProtocolPolicy;
  readonly compress: boolean;
  readonly functions: readonly { readonly event: EventType; readonly arn: string }[];
  readonly errorPages: readonly ErrorPage[];
  readonly httpVersion: HttpVersion;
  readonly ipv6: boolean;
  readonly priceClass: PriceClass;
}

/** What CloudFront answers instead of an error of the bucket. */
export interface ErrorPage {
  readonly code: number;
  /** '' and 0: the error itself. */
  readonly page: string;
  readonly status: number;
  readonly cacheSeconds: number;
}

const quantity = <T>(Items: readonly T[]): { Quantity: number; Items?: T[] } =>
  Items.length > 0 ? { Quantity: Items.length, Items: [...Items] } : { Quantity: 0 };

/**
 * The whole document to send.
 * UpdateDistribution replaces everything and resets what is left out, so an update starts from the live document.
 */
export function toConfig(
  spec: DistributionSpec,
  callerReference: string,
  live: Partial<DistributionConfig> = {},
): DistributionConfig {
  return {
    ...live,
    CallerReference: callerReference,
    Enabled: spec.enabled,
    Comment: spec.comment,
    Aliases: quantity(spec.aliases),
    DefaultRootObject: spec.rootObject,
    HttpVersion: spec.httpVersion,
    IsIPV6Enabled: spec.ipv6,
    PriceClass: spec.priceClass,
    ViewerCertificate: {
      ACMCertificateArn: spec.certificateArn,
      SSLSupportMethod: 'sni-only',
      MinimumProtocolVersion: spec.minimumTls,
    },
    Origins: quantity(
      spec.origins.map(({ domainName, accessControlId }) => ({
        Id: domainName,
        DomainName: domainName,
        OriginAccessControlId: accessControlId,
        // Required for a bucket, empty where an access control signs the requests (S3OriginConfig).
        S3OriginConfig: { OriginAccessIdentity: '' },
      })),
    ) as DistributionConfig['Origins'],
    DefaultCacheBehavior: behavior(spec, live.DefaultCacheBehavior),
    CacheBehaviors: { Quantity: 0 },
    CustomErrorResponses: quantity(
      spec.errorPages.map(({ code, page, status, cacheSeconds }) => ({
        ErrorCode: code,
        ErrorCachingMinTTL: cacheSeconds,
        ...(page === '' ? {} : { ResponsePagePath: page, ResponseCode: String(status) }),
      })),
    ),
  };
}

function behavior(spec: DistributionSpec, live: Partial<DefaultCacheBehavior> = {}): DefaultCacheBehavior {
  // CloudFront refuses the settings from before cache policies beside a policy.
  const { ForwardedValues, MinTTL, MaxTTL, DefaultTTL, ...kept } = live;
  return {
    ...kept,
    TargetOriginId: spec.origins[0]?.domainName ?? '',
    ViewerProtocolPolicy: spec.viewerProtocol,
    CachePolicyId: spec.cachePolicyId,
    ResponseHeadersPolicyId: spec.responseHeadersPolicyId,
    Compress: spec.compress,
    FunctionAssociations: quantity(spec.functions.map(({ event, arn }) => ({ EventType: event, FunctionARN: arn }))),
  };
}

/** The live document in the shape of the spec. */
export function fromConfig(config: DistributionConfig): Partial<DistributionSpec> {
  const { DefaultCacheBehavior: shared } = config;
  return {
    enabled: config.Enabled,
    comment: config.Comment,
    aliases: config.Aliases?.Items ?? [],
    certificateArn: config.ViewerCertificate?.ACMCertificateArn,
    minimumTls: config.ViewerCertificate?.MinimumProtocolVersion,
    origins: (config.Origins?.Items ?? []).map(({ DomainName, OriginAccessControlId }) => ({
      domainName: DomainName ?? '',
      accessControlId: OriginAccessControlId ?? '',
    })),
    otherBehaviors: (config.CacheBehaviors?.Items ?? []).map(({ PathPattern }) => PathPattern ?? ''),
    rootObject: config.DefaultRootObject,
    cachePolicyId: shared?.CachePolicyId,
    responseHeadersPolicyId: shared?.ResponseHeadersPolicyId,
    viewerProtocol: shared?.ViewerProtocolPolicy,
    compress: shared?.Compress,
    functions: (shared?.FunctionAssociations?.Items ?? []).map(({ EventType, FunctionARN }) => ({
      event: EventType as EventType,
      arn: FunctionARN ?? '',
    })),
    errorPages: (config.CustomErrorResponses?.Items ?? []).map((response) => ({
      code: response.ErrorCode ?? 0,
      page: response.ResponsePagePath ?? '',
      status: Number(response.ResponseCode ?? 0),
      cacheSeconds: response.ErrorCachingMinTTL ?? 10,
    })),
    httpVersion: config.HttpVersion,
    ipv6: config.IsIPV6Enabled,
    priceClass: config.PriceClass,
  };
}
