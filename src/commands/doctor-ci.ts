import { clients } from '../aws/clients.ts';
import { loadConfig } from '../config/load.ts';
import { names } from '../config/names.ts';
import type { Finding } from '../deploy/finding.ts';
import { causes, type Role } from '../doctor/causes.ts';
import { type Claims, requestClaims } from '../doctor/token.ts';
import { accepts, type Trust, trustOf } from '../doctor/trust.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import { trustedSubjects } from '../environment/ci.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { annotate } from '../render/github.ts';
import { type Paint, painter, table } from '../render/style.ts';

interface Door {
  readonly role: Role;
  readonly name: string;
  /** Undefined: there is no such role. */
  readonly trust: Trust | undefined;
  readonly opens: boolean;
  /** Why not; only for the role that such a job needs. */
  readonly causes: readonly Finding[];
}

/**
 * In a job of GitHub Actions: the claims of its token, and whether the environment's roles let it in. Never shows the token.
 * @returns done when the role that such a job needs lets it in: for a pull request the one that plans, else the one that
 *   deploys
 * @throws ConfigError, or UserError when there is no token
 */
export async function doctorCi(options: GlobalOptions, io: Io): Promise<ExitCode> {
  const config = await loadConfig(options.config, options.env);
  const claims = await requestClaims(io.env, io.signal);
  const aws = clients({ region: config.region, readonly: () => true, onCall: io.onCall, limits: io.limits });
  const needed: Role = claims.sub.endsWith(':pull_request') ? 'plan' : 'deploy';
  const { githubActions, githubPlan } = names(config).roles;
  const doors = await Promise.all(
    Object.entries({ deploy: githubActions, plan: githubPlan }).map(async ([key, name]): Promise<Door> => {
      const role = key as Role;
      const trust = await trustOf(aws, name, trustedSubjects(config.github)[role]);
      const found = trust && role === needed ? causes(claims, trust, role, config.github) : [];
      const opens = trust !== undefined && found.length === 0 && accepts(trust, claims);
      return { role, name, trust, opens, causes: trust ? found : [missing(name)] };
    }),
  );
  const exit = doors.some(({ role, opens }) => role === needed && opens) ? Exit.done : Exit.failed;
  if (options.json)
    io.out(
      `${JSON.stringify({ type: 'result', command: 'doctor ci', exit, claims, needed, roles: doors }, null, 2)}\n`,
    );
  else {
    io.out(text(claims, needed, doors, painter(io.color)));
    const told = doors.filter(({ role }) => role === needed).flatMap((door) => causeLines(door.causes));
    if (exit !== Exit.done) annotate(io, told.join('\n'));
  }
  return exit;
}

const missing = (name: string): Finding => ({
  problem: `there is no role ${name} in the account of these credentials`,
  fix: 'run `tap up` there first',
});

function text(claims: Claims, needed: Role, doors: readonly Door[], paint: Paint): string {
  const rows = table([
    ['sub', claims.sub],
    ['aud', claims.aud],
    ['iss', claims.iss],
    ['repository', `${claims.repository} (id ${claims.repositoryId}, owner id ${claims.ownerId})`],
    ['event', claims.event],
  ]);
  return [
    "claims of this job's token",
    ...rows.map((row) => `  ${row}`),
    ...doors.flatMap((door) => ['', ...doorLines(door, door.role === needed, paint)]),
    '',
  ].join('\n');
}

function doorLines({ role, name, trust, opens, causes }: Door, isNeeded: boolean, paint: Paint): string[] {
  const says = opens ? paint('green', 'lets it in') : paint(isNeeded ? 'red' : 'gray', 'does not let it in');
  const what = role === 'deploy' ? 'deploys' : 'plans';
  const head = `${name} (${what}) ${says}${opens || isNeeded ? '' : ', and such a job does not need it'}`;
  if (!trust) return [head, ...causeLines(causes)];
  return [
    head,
    `  compared with ${trust.from}${trust.because ? `: ${trust.because}` : ''}`,
    ...(isNeeded ? trust.subjects.map(({ value }) => `  trusts ${value}`) : []),
    ...causeLines(causes),
  ];
}

const causeLines = (causes: readonly Finding[]): string[] =>
  causes.flatMap(({ problem, fix }) => [`  - ${problem}`, `    → ${fix}`]);
