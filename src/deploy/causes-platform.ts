import type { Found, Rule } from './causes.ts';

/**
 * What ECS and Fargate say when a task cannot be placed or started. Sources, all of the Amazon ECS Developer Guide: "Amazon
 * ECS stopped tasks error messages", "CannotPullContainer task errors in Amazon ECS", "Troubleshooting Amazon ECS
 * ResourceInitializationError errors", "Troubleshooting Amazon ECS TaskFailedToStart errors", "Amazon ECS service event
 * messages".
 */
export const platformRules: readonly Rule[] = [
  {
    id: 'wrong-platform',
    fatal: true,
    said: /descriptor matching platform|no matching manifest|image operating system/i,
    cause: ({ about }) => `the image has no variant for ${platform(about)}, which the task definition asks for`,
    fix: ({ about }) => `build it with --platform ${platform(about)}, or change backend.architecture in the config`,
  },
  {
    id: 'pull-rate-limited',
    fatal: false,
    said: /CannotPullContainer.*(?:toomanyrequests|429 Too Many Requests|rate limit)/is,
    cause: () => 'the registry refuses more pulls for now',
    fix: () => 'wait some minutes and deploy again; an image in ECR has no such limit',
  },
  {
    id: 'pull-no-route',
    fatal: true,
    said: /CannotPullContainer.*(?:i\/o timeout|deadline exceeded|dial tcp|TLS handshake|connection (?:reset|refused))/is,
    cause: ({ about }) => `tasks do not reach the registry of ${about.image}`,
    fix: () => NETWORK,
  },
  {
    id: 'image-missing',
    fatal: true,
    said: /CannotPullContainer.*(?:not found|manifest unknown|does not exist)/is,
    cause: ({ about }) => `the image ${about.image} is not in its registry`,
    fix: () => 'build and push it again: `tap deploy-backend`; was it deleted, or expired by a lifecycle policy?',
  },
  {
    id: 'pull-denied',
    fatal: true,
    said: /CannotPullContainer.*(?:403 Forbidden|denied|not authorized|no basic auth)|not authorized to perform: ecr:/is,
    cause: ({ about }) => `the role ${role(about.executionRole)} may not pull ${about.image}`,
    fix: () => REPAIR,
  },
  {
    id: 'no-disk',
    fatal: true,
    said: /no space left on device/i,
    cause: () => 'the image does not fit on the disk of a task, 20 GiB',
    fix: () => 'make the image smaller: a multi-stage build, no caches, no test data',
  },
  {
    id: 'pull-failed',
    fatal: false,
    said: /CannotPullContainerError:\s*(.*)/is,
    cause: ({ words: [why] }) => `the image cannot be pulled: ${why}`,
    fix: () => 'check that the image exists (`tap releases backend`) and that nothing in between refuses it',
  },
  {
    id: 'log-group-missing',
    fatal: true,
    said: /failed to validate logger args.*(?:log group does not exist|ResourceNotFoundException)/is,
    cause: ({ about }) => `the log group ${about.logGroup} does not exist`,
    fix: () => REPAIR,
  },
  {
    id: 'no-route',
    fatal: true,
    said: /ResourceInitializationError.*(?:connection issue|i\/o timeout|deadline exceeded|request send failed|RequestCanceled|no such host)/is,
    cause: ({ said }) => `tasks do not reach ${/between the task and ([^.]+)\./.exec(said)?.[1] ?? 'AWS'}`,
    fix: () => NETWORK,
  },
  {
    id: 'secret-key-missing',
    fatal: true,
    said: /did not contain json key ([^\s:]+)/i,
    cause: ({ words: [key], said }) => `a secret has no JSON key "${key}"${arn(said) ? `: ${arn(said)}` : ''}`,
    fix: () => 'add the key to the secret, or correct backend.secrets in the config and run `tap up`',
  },
  {
    id: 'kms-denied',
    fatal: true,
    said: /kms:Decrypt|Access to KMS is not allowed|KMS.*AccessDenied/is,
    cause: ({ about }) => `the role ${role(about.executionRole)} may not decrypt a secret with its KMS key`,
    fix: () => 'allow kms:Decrypt for that role in the policy of the key',
  },
  {
    id: 'secret-denied',
    fatal: true,
    said: /not authorized to perform: (secretsmanager:\w+|ssm:\w+|logs:\w+)(?: on resource: (\S+))?/i,
    cause: ({ words: [action, resource], about }) =>
      `the role ${role(about.executionRole)} may not call ${action}${resource ? ` on ${resource}` : ''}`,
    fix: () => REPAIR,
  },
  {
    id: 'secret-missing',
    fatal: true,
    said: /(?:can't find the specified secret|marked for deletion)/i,
    cause: ({ said }) => `a secret that the container needs does not exist${arn(said) ? `: ${arn(said)}` : ''}`,
    fix: () => `make it (\`tap secrets set\`) or correct backend.secrets; what tap owns, \`tap up\` makes again`,
  },
  {
    id: 'parameter-missing',
    fatal: true,
    said: /invalid ssm parameters:\s*([^\s:,]+)/i,
    cause: ({ words: [name] }) => `the parameter ${name} does not exist`,
    fix: () => REPAIR,
  },
  {
    id: 'role-not-assumable',
    fatal: true,
    said: /unable to assume (?:the )?role '?([^'\s]+)/i,
    cause: ({ words: [name = ''] }) => `ECS may not assume the role ${role(name)}`,
    fix: () => REPAIR,
  },
  {
    id: 'no-addresses',
    fatal: false,
    said: /insufficient\s?free\s?addresses|not have enough free addresses|network interface (?:provision|creation)/i,
    cause: () => 'the private subnets have no free address for a task',
    fix: () => 'let old tasks end (their addresses come back), or give the subnets more room in the config',
  },
  {
    id: 'quota',
    fatal: false,
    said: /reached the limit on the number of (vCPUs|tasks)/i,
    cause: ({ words: [what] }) => `the account's quota of Fargate ${what} is used up`,
    fix: () => 'ask for more in Service Quotas (AWS Fargate), or stop what is not needed',
  },
  {
    id: 'no-capacity',
    fatal: false,
    said: /capacity is unavailable|RESOURCE:(?:CPU|MEMORY)|unable to place a task/i,
    cause: () => 'Fargate has no capacity for the task at this time',
    fix: () => 'wait some minutes and deploy again; a smaller backend.cpu finds a place sooner',
  },
  {
    id: 'exec-format',
    fatal: true,
    said: /exec format error/i,
    cause: (found) => wrongArchitecture(found),
    fix: ({ about }) => `build it with --platform ${platform(about)}, or change backend.architecture in the config`,
  },
  {
    id: 'command-missing',
    fatal: true,
    said: /exec: "?([^":]+)"?: (?:executable file not found|stat .*no such file|no such file|permission denied)/i,
    cause: ({ words: [program] }) => `the image has no program "${program}" that can be run`,
    fix: () => 'correct CMD or ENTRYPOINT of the Dockerfile; is it in the stage that is deployed, and executable?',
  },
  {
    id: 'interrupted',
    fatal: false,
    said: /^(?:SpotInterruption|TerminationNotice|InfrastructureHealth)/,
    cause: () => 'AWS has taken the machine under the task away',
    fix: () => 'nothing is wrong with the release: deploy again',
  },
  {
    id: 'stopped-by-someone',
    fatal: false,
    said: /^UserInitiated: ([^:]*)/,
    cause: ({ words: [reason] }) => `somebody stopped the task: ${reason}`,
    fix: () => 'ask who did, then deploy again; CloudTrail has the StopTask call',
  },
];

const NETWORK =
  'give the private subnets a way out: network.nat in the config, then `tap up`; were routes or groups changed by hand? `tap drift`';
const REPAIR = '`tap drift` shows what was changed by hand, `tap up` repairs it';

/** X86_64 as Docker names it. */
export const platform = ({ architecture }: Found['about']): string =>
  architecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64';
const role = (text: string): string => text.replace(/^arn:.*:role\//, '');
const arn = (text: string): string | undefined => /arn:aws[\w-]*:(?:secretsmanager|ssm):[^\s,]+/.exec(text)?.[0];

/** Both sides of "exec format error": what the task runs on, and so what the image is not. */
export const wrongArchitecture = ({ about }: Found): string => {
  const other = about.architecture === 'ARM64' ? 'linux/amd64' : 'linux/arm64';
  return `the program in the image is not for ${platform(about)}, on which the task runs: most likely it is for ${other}`;
};
