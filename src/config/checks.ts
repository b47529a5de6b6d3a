import { domainToASCII } from 'node:url';
import { distance } from 'fastest-levenshtein';
import ipaddr from 'ipaddr.js';
import { type Finding, unusual } from './fields.ts';
import { quote } from './issues.ts';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The site's host name; the API is at `api.` before it. */
export function checkDomain(value: string): Finding {
  if (/^[a-z]+:\/\//i.test(value) || value.includes('/'))
    return {
      problem: 'must be a host name, not a URL',
      fix: `write ${quote(
        value
          .replace(/^[a-z]+:\/*([^/]*@)?/i, '')
          .replace(/\/.*/, '')
          .toLowerCase(),
      )}`,
    };
  if (/[^\x20-\x7e]/u.test(value)) {
    const ascii = domainToASCII(value);
    return {
      problem: unusual(value)?.problem ?? 'is not ASCII',
      fix: ascii
        ? `if these letters are meant, write it in punycode: ${quote(ascii)}`
        : 'use letters a-z, digits, hyphens and dots',
    };
  }
  if (value.endsWith('.')) return { problem: 'ends with a dot', fix: `write ${quote(value.replace(/\.+$/, ''))}` };
  if (value !== value.toLowerCase())
    return { problem: 'has capital letters', fix: `write ${quote(value.toLowerCase())}` };
  if (value.startsWith('*.'))
    return {
      problem: 'is a wildcard',
      fix: `write ${quote(value.slice(2))}; the certificate covers *.${value.slice(2)} anyway`,
    };
  if (value.startsWith('api.'))
    return { problem: 'starts with "api.", which is added for the API', fix: `write ${quote(value.slice(4))}` };
  if (value.includes('@')) return { problem: 'is an e-mail address', fix: `write ${quote(value.replace(/.*@/, ''))}` };
  if (/:\d+$/.test(value))
    return { problem: 'has a port', fix: `write ${quote(value.replace(/:\d+$/, ''))}; the site is served on 443` };
  const labels = value.split('.');
  const fix = 'write a name you own, such as "example.com" or "app.example.com"';
  if (labels.length < 2) return { problem: 'needs at least two parts with a dot between them', fix };
  const bad = labels.find((label) => !LABEL.test(label));
  if (bad !== undefined)
    return {
      problem: `has the part ${quote(bad)}, which no host name may have`,
      fix: 'each part takes 1-63 letters, digits and inner hyphens',
    };
  if (/^\d+$/.test(labels.at(-1) ?? '')) return { problem: 'is an IP address, not a domain', fix };
  // ACM puts the first name into the certificate's common name, which holds 64 characters (RequestCertificate, DomainName).
  if (value.length > 64)
    return { problem: `has ${value.length} characters; a certificate takes at most 64`, fix: 'use a shorter domain' };
  return undefined;
}

/** The domain of the sign-in page; that it is under the site's domain is a rule of its own. */
export function checkCustomDomain(value: string): Finding {
  if (!value.startsWith('api.')) return checkDomain(value);
  return { problem: 'is the domain of the API', fix: `use another label, such as ${quote(`auth.${value.slice(4)}`)}` };
}

export function checkRepository(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  const url = /^(?:https?:\/\/|git@|ssh:\/\/git@)?github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(value)?.[1];
  if (url) return { problem: 'must be "org/repo", not a URL', fix: `write ${quote(url)}` };
  if (/^[^/]+\/[^/]+\.git$/.test(value))
    return { problem: 'ends with ".git"', fix: `write ${quote(value.slice(0, -4))}` };
  if (/^[A-Za-z0-9][A-Za-z0-9-_]{0,38}\/[A-Za-z0-9._-]{1,100}$/.test(value)) return undefined;
  // A wildcard here would end up in a role's trust policy.
  if (/[*?]/.test(value))
    return { problem: 'has a wildcard: any such repository could deploy', fix: 'name exactly one repository' };
  return { problem: 'must be "org/repo"', fix: 'copy it from the address of the repository: github.com/<org>/<repo>' };
}

/** git-check-ref-format, plus no wildcards, since the name becomes part of a trust policy. */
export function checkBranch(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  if (value.startsWith('refs/heads/'))
    return { problem: 'must be the short name', fix: `write ${quote(value.slice(11))}` };
  if (/[*?[\s~^:\\]|\.\.|@\{|\/\/|^[/.-]|[/.]$|\.lock$/.test(value) || value === '' || value.length > 200)
    return {
      problem: 'is not a branch name',
      fix: 'write the exact name of one branch, without wildcards, such as "main"',
    };
  return undefined;
}

/** A network in CIDR notation whose prefix length AWS takes: /16 to /28 for a VPC and for its subnets. */
export function checkCidr(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  const fix = 'write a network such as "10.0.0.0/16"';
  if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(value) || !ipaddr.IPv4.isValidCIDR(value))
    return { problem: value.includes(':') ? 'is IPv6; IPv4 is expected' : 'is not a network in CIDR notation', fix };
  const length = Number(value.split('/')[1]);
  if (length < 16 || length > 28) return { problem: `has prefix length /${length}; AWS takes /16 to /28`, fix };
  const network = ipaddr.IPv4.networkAddressFromCIDR(value).toString();
  if (!value.startsWith(`${network}/`))
    return { problem: 'has bits set outside the network part', fix: `write "${network}/${length}"` };
  // RFC 1918 and RFC 6598: other addresses belong to someone on the internet, who would become unreachable.
  const kind = ipaddr.IPv4.parse(network).range();
  if (kind !== 'private' && kind !== 'carrierGradeNat')
    return { problem: 'is not a private network', fix: 'use a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16' };
  return undefined;
}

export function checkEmail(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  if (/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(value) && value.length <= 254)
    return undefined;
  return { problem: 'is not an e-mail address', fix: 'write one address per entry, such as "ops@example.com"' };
}

/** The commercial partition; China, GovCloud and the isolated regions have other ARNs and lack services used here. */
export const REGIONS = [
  ...[
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
    'ca-central-1',
    'ca-west-1',
    'mx-central-1',
    'sa-east-1',
    'sa-west-1',
  ],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...[
    'af-south-1',
    'il-central-1',
    'me-central-1',
    'me-south-1',
    'me-west-1',
    'ap-east-1',
    'ap-east-2',
    'ap-south-1',
    'ap-south-2',
  ],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3'],
  ...['ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
];

export function checkRegion(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  if (REGIONS.includes(value)) return undefined;
  if (/^(cn|us-gov|us-iso\w*|eusc)-/.test(value))
    return {
      problem: `${quote(value)} is outside the commercial AWS partition`,
      fix: 'use a commercial region such as "us-east-1"',
    };
  if (REGIONS.includes(value.replace(/[a-z]$/, '')))
    return { problem: `${quote(value)} is an Availability Zone`, fix: `write ${quote(value.slice(0, -1))}` };
  return {
    problem: `${quote(value)} is not an AWS region`,
    fix: didYouMean(value, REGIONS) ?? 'write the code of a region, such as "us-east-1"',
  };
}

/** `did you mean "x"?` when one of the candidates is near enough to be a slip of the keyboard. */
export function didYouMean(value: string, candidates: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '');
  let best: { name: string; edits: number } | undefined;
  for (const name of candidates) {
    const edits = distance(plain(value.slice(0, 100)), plain(name));
    if (edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { name, edits };
  }
  return best && best.edits <= Math.max(2, Math.floor(best.name.length / 3)) && best.edits < best.name.length
    ? `did you mean ${quote(best.name)}?`
    : undefined;
}
