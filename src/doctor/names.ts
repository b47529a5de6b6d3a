import {
  CognitoIdentityProviderClient,
  DescribeUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { absent } from '../aws/errors.ts';
import { checkOwner } from '../commands/survey.ts';
import { UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { distributionOf, distributions } from '../resources/cloudfront/distributions.ts';
import { inOurPools } from '../resources/cognito/pools.ts';
import { plain } from '../resources/route53/records.ts';
import { bucketTags } from '../resources/s3/s3.ts';
import { type Check, type Found, ok, problem, type Subject } from './finding.ts';
import { records } from './resolver.ts';

/** Another application of the same name in the account. */
export const projectName: Check = {
  name: 'project name',
  find: async ({ cx, account }) => {
    const { project } = account.config;
    const tags = await bucketTags(cx, account.names.buckets.state).catch((error: unknown) => {
      // One of another account: `bucket names` tells.
      if (error instanceof UserError) return undefined;
      throw error;
    });
    if (!tags || !cx.ours(tags)) return [ok(`${project} is free in this account`)];
    checkOwner(account, tags);
    return [ok(`${project} is ours`)];
  },
};

/** Bucket names are shared by all accounts. */
export const buckets: Check = {
  name: 'bucket names',
  find: async ({ cx, account: { names, config } }) => {
    const { spa, files, albLogs, state } = names.buckets;
    const wanted = { state, spa, files, ...(config.backend.accessLogs.enabled && { 'alb-logs': albLogs }) };
    const found = await Promise.all(
      Object.entries(wanted).map(async ([key, bucket]): Promise<Found[]> => {
        try {
          const tags = await bucketTags(cx, bucket);
          if (!tags || cx.ours(tags)) return [];
          return [
            problem(
              `the bucket ${bucket} is in this account already, and tap did not make it`,
              `choose another "project" in the config, or take it over: tap up --adopt bucket/${key}`,
            ),
          ];
        } catch (error) {
          if (error instanceof UserError) return [problem(error.message, error.fix ?? '')];
          throw error;
        }
      }),
    );
    const taken = found.flat();
    return taken.length > 0 ? taken : [ok(`${Object.values(wanted).join(', ')} are ours or free`)];
  },
};

/** The sign-in domain's prefix is shared by all accounts of the region. */
export const signInDomain: Check = {
  name: 'sign-in domain',
  find: async ({ cx, dns, account: { names, config } }) => {
    const domain = config.auth.customDomain ?? names.cognito.domainPrefix;
    const read = cx.aws(CognitoIdentityProviderClient).send(new DescribeUserPoolDomainCommand({ Domain: domain }));
    const [pools, answer] = await Promise.all([
      inOurPools(cx, async () => undefined),
      absent(read, 'ResourceNotFoundException'),
    ]);
    const holder = answer?.DomainDescription?.UserPoolId;
    if (pools.some(({ id }) => id === holder)) return [ok(`${domain} is ours`)];
    if (holder)
      return [
        problem(
          `the sign-in domain "${domain}" belongs to the user pool ${holder} of this account`,
          another(config.auth),
        ),
      ];
    // Cognito says nothing about other accounts, but the name of a domain that exists leads somewhere.
    const host = `${domain}.auth.${cx.region}.amazoncognito.com`;
    if (!config.auth.customDomain && (await records(dns.resolve4(host))).length > 0)
      return [
        problem(`the sign-in domain "${domain}" is taken by another AWS account: ${host} exists`, another(config.auth)),
      ];
    return [ok(`${domain} is free, as far as can be seen`)];
  },
};

const another = ({ customDomain }: Subject['account']['config']['auth']): string =>
  customDomain
    ? 'remove it there, or set auth.customDomain to another name'
    : 'set auth.domainPrefix to a prefix that nobody uses in this region';

/** No two distributions may have the same alias, of whichever accounts. */
export const alias: Check = {
  name: 'site domain',
  find: async ({ cx, dns, account: { config, facts } }) => {
    const { domain } = config;
    const [holder, ours, ...targets] = await Promise.all([
      distributionOf(cx, domain),
      distributions(cx),
      records(dns.resolveCname(domain)),
      facts.hostedZone ? aliasTargets(cx, facts.hostedZone.id, domain) : [],
    ]);
    if (holder && !cx.ours(holder.tags)) {
      const { Id = '' } = holder.summary;
      return [
        problem(
          `${domain} is an alias of the distribution ${Id} of this account, which tap did not make`,
          `remove the alias there, or take the distribution over: tap up --adopt distribution/site=${Id}`,
        ),
      ];
    }
    const known = ours.filter(({ tags }) => cx.ours(tags)).map(({ summary }) => summary.DomainName);
    const elsewhere = targets.flat().find((name) => name.endsWith('.cloudfront.net') && !known.includes(name));
    if (elsewhere)
      return [
        problem(
          `${domain} leads to ${elsewhere}, a distribution that is not ours: CloudFront gives no other the alias ${domain} while it has it`,
          'remove the alias there, or move it ("Move an alternate domain name", CloudFront Developer Guide), then the DNS record',
        ),
      ];
    return [ok(holder ? `${domain} is ours` : `${domain} is free in this account`)];
  },
};

/** Where the alias records of a name lead: no public answer tells. */
async function aliasTargets({ aws }: Cx, HostedZoneId: string, name: string): Promise<string[]> {
  const { ResourceRecordSets = [] } = await aws(Route53Client).send(
    new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: name, MaxItems: 20 }),
  );
  return ResourceRecordSets.filter(({ Name }) => plain(Name) === name).map(({ AliasTarget }) =>
    plain(AliasTarget?.DNSName),
  );
}
