import { execFileSync, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Document } from '../environment/evaluate.ts';

/** A request as IAM sees it. */
export interface Request {
  /** ARN of a role or user, of an identity provider, or the name of a service. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys. One that is left out is not sent. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}
export interface Judged {
  /** A trust policy is judged by the principal, an identity's by what is asked for. */
  readonly trust: boolean;
  readonly policy: Document;
}
interface Answer {
  readonly verdicts: boolean[][];
  readonly findings: string[];
}

/** For each document, whether it allows each of the requests, by a simulator that knows nothing of tap. */
export const judge = async (documents: readonly Judged[], requests: readonly Request[]): Promise<boolean[][]> =>
  (await ask({ documents, requests })).verdicts;

/** What the Service Authorization Reference has against policies: actions, resources and condition keys it does not know. */
export async function reference(policies: readonly Document[]): Promise<string[]> {
  const statements = policies.flatMap(({ Statement }) => Statement);
  const permissions = statements.flatMap(({ Action, Resource = '*', Condition = {} }) =>
    [Action].flat().map((action) => ({
      action,
      resources: [Resource].flat(),
      keys: Object.values(Condition).flatMap((keys) => Object.keys(keys)),
    })),
  );
  return [...new Set((await ask({ permissions })).findings)].sort();
}

/** Installed once. */
const packages = (): string => execFileSync(process.execPath, ['scripts/tools.js', 'iam'], { encoding: 'utf8' }).trim();

async function ask(question: object): Promise<Answer> {
  const child = spawn(process.execPath, ['test/tools/iam-judge.js', packages()], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(question));
  return JSON.parse(await text(child.stdout)) as Answer;
}
