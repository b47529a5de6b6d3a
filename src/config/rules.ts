import ipaddr from 'ipaddr.js';
import { didYouMean } from './checks.ts';
import { nearest } from './fields.ts';
import type { Path } from './issues.ts';
import { checkNames } from './names.ts';
import type { Config, Settings } from './schema.ts';
import { checkDatabaseName } from './values.ts';

/** A rule's finding; `reads` are the other values it depends on: if one of them is wrong itself, this says nothing. */
export interface Violation {
  readonly path: Path;
  readonly reads?: readonly Path[];
  readonly problem: string;
  readonly fix: string;
}

/** What no single value can show. Runs on values that are each valid; `given` is before derived defaults. */
export function violations(config: Config, given: Settings): Violation[] {
  return [
    ...zones(config),
    ...addresses(config),
    ...fargate(config),
    ...variables(config),
    ...other(config, given),
    ...derived(config),
  ];
}

function zones({ region, network }: Config): Violation[] {
  const { availabilityZones, publicSubnets, privateSubnets } = network;
  const path = ['network', 'availabilityZones'];
  const found: Violation[] = [];
  availabilityZones.forEach((zone, index) => {
    const here = { path: [...path, index], reads: [['region']] };
    if (zone.slice(0, -1) !== region)
      found.push({
        ...here,
        problem: `"${zone}" is not in region ${region}`,
        fix: didYouMean(zone, [`${region}a`, `${region}b`, `${region}c`]) ?? `use zones such as "${region}a"`,
      });
    if (availabilityZones.indexOf(zone) < index)
      found.push({ ...here, problem: `"${zone}" is given twice`, fix: 'use different zones' });
  });
  // CreateLoadBalancer and CreateDBSubnetGroup both want subnets in at least two Availability Zones.
  if (availabilityZones.length < 2)
    found.push({
      path,
      problem: 'needs at least two: the load balancer and RDS refuse one',
      fix: `for example ["${region}a", "${region}b"]`,
    });
  for (const [name, subnets] of Object.entries({ publicSubnets, privateSubnets }))
    if (subnets.length !== availabilityZones.length)
      found.push({
        path: ['network', name],
        reads: [path],
        problem: `has ${count(subnets.length, 'subnet')} for ${count(availabilityZones.length, 'Availability Zone')}`,
        fix: `give one subnet per zone (${availabilityZones.join(', ')})`,
      });
  return found;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

function addresses({ network }: Config): Violation[] {
  const found: Violation[] = [];
  const vpc = range(network.cidr);
  const seen: { cidr: string; from: number; to: number; path: Path }[] = [];
  for (const name of ['publicSubnets', 'privateSubnets'] as const)
    network[name].forEach((cidr, index) => {
      const subnet = { cidr, ...range(cidr), path: ['network', name, index] };
      if (subnet.from < vpc.from || subnet.to > vpc.to)
        found.push({
          path: subnet.path,
          reads: [['network', 'cidr']],
          problem: `${cidr} is not inside the VPC's ${network.cidr}`,
          fix: 'choose a part of network.cidr, or change network.cidr',
        });
      const other = seen.find(({ from, to }) => subnet.from <= to && subnet.to >= from);
      if (other)
        found.push({
          path: subnet.path,
          reads: [['network', String(other.path[1])]],
          problem: `${cidr} overlaps ${other.cidr} (${other.path[1]}[${other.path[2]}])`,
          fix: 'give each subnet a range of its own',
        });
      seen.push(subnet);
    });
  return found;
}

function range(cidr: string): { from: number; to: number } {
  const value = (address: ipaddr.IPv4) => address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return {
    from: value(ipaddr.IPv4.networkAddressFromCIDR(cidr)),
    to: value(ipaddr.IPv4.broadcastAddressFromCIDR(cidr)),
  };
}

const steps = (from: number, to: number, step: number) =>
  Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step);

/** Amazon ECS developer guide, "Task definition invalid CPU or memory errors": MiB for each cpu. */
const FARGATE_MEMORY: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16384, 1024),
  4096: steps(8192, 30720, 1024),
  8192: steps(16384, 61440, 4096),
  16384: steps(32768, 122880, 8192),
};

function fargate({ backend: { cpu, memory } }: Config): Violation[] {
  const sizes = FARGATE_MEMORY[cpu] ?? [];
  if (sizes.includes(memory)) return [];
  const text =
    sizes.length > 4
      ? `${sizes[0]} to ${sizes.at(-1)} in steps of ${(sizes[1] ?? 0) - (sizes[0] ?? 0)}`
      : sizes.join(', ');
  return [
    {
      path: ['backend', 'memory'],
      reads: [['backend', 'cpu']],
      problem: `Fargate has no ${memory} MiB with cpu ${cpu}, only ${text}`,
      fix: `use ${nearest(sizes, memory)}, or another cpu`,
    },
  ];
}

function variables({ backend, tags }: Config): Violation[] {
  const found: Violation[] = [];
  for (const name of Object.keys(backend.secrets))
    if (Object.hasOwn(backend.environment, name))
      found.push({
        path: ['backend', 'secrets', name],
        problem: `${name} is in backend.environment as well`,
        fix: 'keep one of the two',
      });
  const first = backend.healthCommand?.[0];
  if (backend.healthCommand && (!['CMD', 'CMD-SHELL'].includes(first ?? '') || backend.healthCommand.length < 2))
    found.push({
      path: ['backend', 'healthCommand'],
      problem: 'must be "CMD" and words, or "CMD-SHELL" and one line',
      fix: 'for example ["CMD-SHELL", "curl -fs http://localhost:8000/health"]',
    });
  if (backend.migrate?.length === 0)
    found.push({
      path: ['backend', 'migrate'],
      problem: 'is an empty command',
      fix: 'name the command, or leave the key out',
    });

  // A resource takes 50 tags (ours included); IAM tells keys apart without regard to case.
  const keys = Object.keys(tags);
  if (keys.length > 40)
    found.push({
      path: ['tags'],
      problem: `has ${keys.length} tags; 40 are possible beside those tap sets`,
      fix: 'remove some',
    });
  keys.forEach((key, index) => {
    const twin = keys.slice(0, index).find((earlier) => earlier.toLowerCase() === key.toLowerCase());
    if (twin)
      found.push({
        path: ['tags', key],
        problem: `differs from "${twin}" only in case, which IAM refuses`,
        fix: 'keep one of the two',
      });
  });
  return found;
}

function other(config: Config, given: Settings): Violation[] {
  const { auth, bedrock, database, domain, github, monitoring, region } = config;
  const found: Violation[] = [];
  const add = (path: Path, problem: string, fix: string, reads: Path[] = []) =>
    found.push({ path, problem, fix, reads });

  if (auth.customDomain) {
    const label = auth.customDomain.endsWith(`.${domain}`) ? auth.customDomain.slice(0, -domain.length - 1) : undefined;
    // The certificate is for the domain and *.domain, and a wildcard stands for one label.
    if (label === undefined || label.includes('.'))
      add(['auth', 'customDomain'], `must be one label under ${domain}`, `for example "auth.${domain}"`, [['domain']]);
    if (auth.domainPrefix)
      add(['auth', 'domainPrefix'], 'cannot be used together with auth.customDomain', 'keep one of the two');
  }
  if ((github.ownerId === undefined) !== (github.repositoryId === undefined)) {
    const [has, lacks] = github.ownerId ? ['ownerId', 'repositoryId'] : ['repositoryId', 'ownerId'];
    add(['github', has], `needs github.${lacks} as well`, `add it, or leave both out: they form one OIDC subject`);
  }
  if (monitoring.databaseFreeStorageGb >= database.storageGb)
    add(
      ['monitoring', 'databaseFreeStorageGb'],
      `is not below database.storageGb (${database.storageGb}): it would always alarm`,
      'choose a tenth of the storage',
      [['database', 'storageGb']],
    );
  monitoring.emails.forEach((email, index) => {
    if (monitoring.emails.indexOf(email) < index) add(['monitoring', 'emails', index], 'is given twice', 'remove one');
  });
  if (bedrock.models.length === 0 && !given.bedrock.models)
    add(
      ['bedrock', 'models'],
      `has no default in region ${region}`,
      'name the models the backend may invoke, or [] for none',
      [['region']],
    );
  bedrock.models.forEach((model, index) => {
    const geography = /^(us|eu)\./.exec(model)?.[1];
    const elsewhere = { us: /^(eu|ap|af|me|sa|il)-/, eu: /^(us|ap|af|sa|ca|mx)-/ };
    if (geography && elsewhere[geography as 'us' | 'eu'].test(region))
      add(
        ['bedrock', 'models', index],
        `is an inference profile of another geography than ${region}`,
        'list the profiles there: aws bedrock list-inference-profiles',
        [['region']],
      );
  });
  return found;
}

/** Names that follow from the project; reported where the project, or the environment's name, is given. */
function derived(config: Config): Violation[] {
  const project: Path = config.env === 'default' ? ['project'] : ['environments', config.env];
  const reads: Path[] = [['project'], ['auth']];
  const found = checkNames(config).map(
    ({ at, ...rest }): Violation => ({ ...rest, path: at === 'project' ? project : at.split('.'), reads }),
  );
  const name = checkDatabaseName(config.database.name);
  if (name)
    found.push({
      path: project,
      reads: [['project'], ['database', 'name']],
      problem: `makes the database name "${config.database.name}", which ${name.problem}`,
      fix: 'set database.name',
    });
  return found;
}
