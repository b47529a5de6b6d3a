import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Io } from '../../src/io.ts';
import { failureMarkdown, fenced, jobSummary } from '../../src/render/github.ts';

const folder = mkdtempSync(join(tmpdir(), 'tap-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));
function ioOf(env: NodeJS.ProcessEnv): { io: Io; said: () => string } {
  let said = '';
  const io = { env, err: (text: string) => (said += text) } as unknown as Io;
  return { io, said: () => said };
}

describe('a job summary', () => {
  it('is added to what other steps have written', async () => {
    const file = join(folder, 'summary.md');
    const { io } = ioOf({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file });
    await jobSummary(io, () => 'one\n');
    await jobSummary(io, () => 'two');
    expect(readFileSync(file, 'utf8')).toBe('one\n\ntwo\n\n');
  });

  it('is written in workflows only, and its text not even made elsewhere', async () => {
    const unwanted = (): string => expect.fail('not wanted');
    await jobSummary(ioOf({ GITHUB_STEP_SUMMARY: join(folder, 'other.md') }).io, unwanted);
    await jobSummary(ioOf({ GITHUB_ACTIONS: 'true' }).io, unwanted);
  });

  it('that cannot be written is told, and no failure', async () => {
    const { io, said } = ioOf({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'no/such/file') });
    await jobSummary(io, () => 'one');
    expect(said()).toMatch(/^the job summary could not be written: ENOENT/);
  });
});

it('shows any text as it is', () => {
  expect(fenced('a <b> ``` c')).toBe('````text\na <b> ``` c\n````');
  expect(failureMarkdown('tap up', 'boom', 'again')).toMatchInlineSnapshot(`
    "### ✗ tap up

    \`\`\`text
    boom
    \`\`\`

    What to do:

    \`\`\`text
    again
    \`\`\`"
  `);
});
