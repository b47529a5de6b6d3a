import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validate } from '../../src/commands/validate.ts';
import { ConfigError } from '../../src/config/issues.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Exit } from '../../src/engine/errors.ts';
import { render } from './refuses.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tap-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The message of the refusal without the path of the file. */
async function refusal(path: string): Promise<string> {
  const error = await loadConfig(path).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) return expect.fail(`expected a ConfigError, got ${String(error)}`);
  expect(error.exit).toBe(Exit.usage);
  return error.message.replace(path, 'f');
}

describe('a file that cannot be used', () => {
  test('missing', async () => {
    expect(await refusal(join(folder, 'none.json'))).toBe(
      'f does not exist  — name another file with --config, or create it; ' +
        'the smallest valid file is { "domain": "example.com", "github": { "repository": "org/repo" } }',
    );
  });

  test('a file where a folder is expected', async () => {
    expect(await refusal(join(await file('plain', ''), 'x.json'))).toContain('does not exist');
  });

  test('a directory', async () => {
    expect(await refusal(folder)).toBe('f is a directory  — name the file, such as --config tap.config.json');
  });

  test('a device', async () => {
    expect(await refusal('/dev/null')).toBe('f is not a regular file  — name a file with --config');
  });

  test('unreadable', async () => {
    const path = await file('secret.json', '{}');
    await chmod(path, 0);
    await chmod(folder, 0o755);
    // Root may read everything, so root becomes nobody for this.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.('nobody');
    try {
      expect(await refusal(path)).toBe('f cannot be read: permission denied  — give yourself read permission');
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test('too large', async () => {
    expect(await refusal(await file('large.json', ' '.repeat(1_000_001)))).toContain('is larger than 1 MB');
  });

  test('UTF-16, with and without a mark', async () => {
    const expected = 'f is UTF-16 or binary, not UTF-8  — save it as UTF-8';
    expect(await refusal(await file('le.json', Buffer.from('\uFEFF{}', 'utf16le')))).toBe(expected);
    expect(await refusal(await file('bare.json', Buffer.from('{}', 'utf16le')))).toBe(expected);
  });

  test('bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{\n  "domain": "caf'), Buffer.from([0xe9]), Buffer.from('.example" }')]);
    expect(await refusal(await file('latin1.json', bytes))).toBe(
      'f:2:17  $  has bytes that are not UTF-8  — save it as UTF-8',
    );
  });
});

describe('a file that can be used', () => {
  test('a byte order mark is ignored, also for positions', async () => {
    expect((await loadConfig(await file('bom.json', `\uFEFF${render({})}`))).domain).toBe('example.com');
    expect(
      await refusal(await file('bom-bad.json', '\uFEFF{ "domain": 1, "github": { "repository": "o/r" } }')),
    ).toContain('f:1:13  $.domain');
  });

  test('Windows line ends count once', async () => {
    const text = render({ region: 'mars' }).replaceAll('\n', '\r\n');
    expect(await refusal(await file('crlf.json', text))).toContain('f:6:13  $.region');
  });

  test("the repository's own config is the smallest one", async () => {
    expect(await loadConfig('tap.config.json')).toMatchObject({ project: 'tap', domain: 'demo.example.com' });
  });
});

describe('validate', () => {
  const environments = {
    staging: { domain: 'staging.example.com' },
    qa: { domain: 'qa.example.com', region: 'eu-west-1' },
  };

  test('checks and shows the base and every environment', async () => {
    const path = await file('all.json', render({ environments }));
    const { text, json } = await validate({ config: path });
    expect(text.replace(path, 'f').split('\n')).toEqual([
      'f is valid: 3 environments',
      '  default: tap, us-east-1, https://example.com',
      '  staging: tap-staging, us-east-1, https://staging.example.com',
      '  qa: tap-qa, eu-west-1, https://qa.example.com',
    ]);
    expect(json.environments.map(({ env }) => env)).toEqual(['default', 'staging', 'qa']);
  });

  test('or only the one that is named', async () => {
    const { json } = await validate({ config: await file('one.json', render({ environments })), env: 'qa' });
    expect(json.environments).toEqual([
      { env: 'qa', project: 'tap-qa', region: 'eu-west-1', domain: 'qa.example.com' },
    ]);
  });

  test('reports what is wrong in any environment, once', async () => {
    const overlay = { ...environments.qa, backend: { cpu: 1024 } };
    const path = await file('bad.json', render({ backend: { port: 0 }, environments: { qa: overlay } }));
    const error = await validate({ config: path }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).issues.map((issue) => issue.path)).toEqual([
      '$.backend.port',
      '$.environments.qa.backend.memory',
    ]);
  });
});
