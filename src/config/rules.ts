import { nearest } from './fields.ts';
import type { Path } from './issues.ts';
import { checkNames } from './names.ts';
import { addresses, type Violation, zones } from './rules-network.ts';
import type { Config, Settings } from './schema.ts';
import { checkDatabaseName } from './values.ts';

/** What no single value can show. Runs on values that are each valid; `given` is before derived defaults. */
export function violations(config: Config, given: Settings): Violation[] {
  return [
    ...zones(config),
    ...addresses(config, given),
    ...fargate(config),
    ...variables(config),
    ...other(config, given),
    ...derived(config),
  ];
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

  // "Using ECS Exec", considerations: its agent writes into the container.
  if (backend.readonlyRootFilesystem && backend.executeCommand)
    found.push({
      path: ['backend', 'readonlyRootFilesystem'],
      reads: [['backend', 'executeCommand']],
      problem: 'cannot be used together with backend.executeCommand: ECS Exec writes into the container',
      fix: 'keep one of the two',
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
  const overlaid = config.env !== 'default';
  const project: Path = overlaid ? ['environments', config.env] : ['project'];
  const found = checkNames(config).map(
    ({ at, problem, fix }): Violation => ({
      path: at === 'project' ? project : at.split('.'),
      reads: [['project'], ['auth']],
      key: at === 'project' && overlaid,
      problem,
      fix,
    }),
  );
  if (checkDatabaseName(config.database.name))
    found.push({
      path: project,
      reads: [['project'], ['database', 'name']],
      key: overlaid,
      problem: `makes the database name "${config.database.name}", which PostgreSQL or RDS does not take`,
      fix: 'set database.name',
    });
  return found;
}
