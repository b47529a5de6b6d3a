import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/engine/graph.ts';
import { valueText } from '../../src/render/differences.ts';
import { planJson, planMarkdown, planText, summary } from '../../src/render/plan.ts';
import { duration, fold, painter, table } from '../../src/render/style.ts';
import { Store, thingKind, virtualClock } from '../engine/fake.ts';
import { planned } from '../engine/run.ts';
import { ABOUT, change, FULL, planOf } from './parts.ts';

const plain = painter(false);

describe('a plan as text', () => {
  it.each([80, 40])('breaks lines between words on a terminal of %i columns', (columns) => {
    const text = planText(FULL, ABOUT, painter(true), columns);
    // Commands and records are to be copied as they are.
    const whole = new Set(FULL.changes.flatMap(({ fix }) => fix?.split('\n').map((line) => line.trim()) ?? []));
    for (const line of stripVTControlCharacters(text).split('\n'))
      expect(line.length <= columns || !line.trim().includes(' ') || whole.has(line.trim()), line).toBe(true);
    const words = (of: string): string[] => of.split(/\s+/);
    expect(words(text)).toEqual(words(planText(FULL, ABOUT, painter(true))));
  });

  it('shows what happens to what, and why', () => {
    expect(planText(FULL, ABOUT, plain)).toMatchInlineSnapshot(`
      "tap in account 123456789012, us-east-1

        + create  vpc/main
        ~ update  alarm/cpu (tap-cpu)  drift: changed outside tap
                    threshold: 90 → 80
                    actions: - "a"  + "c"
                    unit: Percent → (none)
                    topic: (none) → (known after apply: topic/alerts.arn)
        ~ update  db-instance/main (tap-db)  the config changed; outage
                    instanceClass: db.t4g.micro → db.t4g.small
        ± replace nat-gateway/a (nat-1)  follows from another change; outage; decided while applying
                    subnetId cannot be changed
                    subnetId: subnet-1 → (known after apply: subnet/a.id)
        ✗ refuse  bucket/files
                    tap-files already exists and it was not made by tap
                    to take it over: --adopt bucket/files; or choose another name in tap.config.json
        … wait    certificate-validation/site (arn:cert)
                    its DNS record is missing
                    make this record:
                      _x.example.com CNAME _y.acm-validations.aws.
        + create  listener/https  waits for certificate-validation/site
        → adopt   topic/alerts (arn:topic)
        - remove  alarm/old (tap-old)  nothing in the config wants it
        - remove  vpc/main (vpc-2)  replaced by a newer one
        = keep    bucket/old (tap-old-files)  it holds data, so an apply never removes it
        ? not checked: role/ci trust (needs iam:GetRole)

      Plan: 2 to create, 2 to update, 1 to replace, 1 to adopt, 2 to remove, 1 waiting, 1 refused, 70 unchanged."
    `);
  });

  it('without changes says so', () => {
    expect(planText(planOf({ unchanged: 85 }), ABOUT, plain)).toMatchInlineSnapshot(`
      "tap in account 123456789012, us-east-1

      No changes: 85 resources are as the config says."
    `);
  });

  it('names the environment where it is a named one', () => {
    expect(planText(planOf(), { ...ABOUT, env: 'staging' }, plain)).toContain('(environment staging)');
  });

  it('has colours only where they are wanted', () => {
    expect(planText(FULL, ABOUT, painter(true))).toContain('\u001b[');
    expect(planText(FULL, ABOUT, plain)).not.toContain('\u001b[');
  });

  it('keeps each value on its line, whatever it is', () => {
    const code = 'function handler(event) {\n  return event;\n}';
    const text = planText(
      planOf({
        changes: [change('function/f', { differences: [{ path: 'code', before: 'x'.repeat(500), after: code }] })],
      }),
      ABOUT,
      plain,
    );
    const line = text.split('\n').find((one) => one.includes('code:')) ?? '';
    expect(line).toContain('return event;');
    expect(line.length).toBeLessThan(400);
  });
});

describe('a plan as Markdown', () => {
  it('is a table with what could hurt first, and the attributes folded away', () => {
    expect(planMarkdown(FULL, ABOUT)).toMatchInlineSnapshot(`
      "### tap plan: \`tap\` in 123456789012, us-east-1

      Plan: 2 to create, 2 to update, 1 to replace, 1 to adopt, 2 to remove, 1 waiting, 1 refused, 70 unchanged.

      | | resource | why |
      |---|---|---|
      | ✗ refuse | \`bucket/files\` | tap-files already exists and it was not made by tap; to take it over: --adopt bucket/files; or choose another name in tap.config.json |
      | - remove | \`alarm/old\` | tap-old; nothing in the config wants it |
      | - remove | \`vpc/main\` | vpc-2; replaced by a newer one |
      | ± replace | \`nat-gateway/a\` | follows from another change; outage; decided while applying; subnetId cannot be changed |
      | + create | \`vpc/main\` |  |
      | ~ update | \`alarm/cpu\` | drift: changed outside tap |
      | ~ update | \`db-instance/main\` | the config changed; outage |
      | … wait | \`certificate-validation/site\` | its DNS record is missing; make this record:<br>  _x.example.com CNAME _y.acm-validations.aws. |
      | + create | \`listener/https\` | waits for certificate-validation/site |
      | → adopt | \`topic/alerts\` |  |
      | = keep | \`bucket/old\` | tap-old-files; it holds data, so an apply never removes it |

      <details><summary>Attributes</summary>

      \`\`\`diff
      ± nat-gateway/a  subnetId: subnet-1 → (known after apply: subnet/a.id)
      ~ alarm/cpu  threshold: 90 → 80
      ~ alarm/cpu  actions: - "a"  + "c"
      ~ alarm/cpu  unit: Percent → (none)
      ~ alarm/cpu  topic: (none) → (known after apply: topic/alerts.arn)
      ~ db-instance/main  instanceClass: db.t4g.micro → db.t4g.small
      \`\`\`

      </details>
      "
    `);
  });

  it('without changes is one line', () => {
    expect(planMarkdown(planOf({ unchanged: 85 }), ABOUT)).toMatchInlineSnapshot(`
      "### tap plan: \`tap\` in 123456789012, us-east-1

      No changes: 85 resources are as the config says.
      "
    `);
  });

  it('fits a comment with 2,000 changes, and still shows what is replaced, removed and refused', () => {
    const many = Array.from({ length: 2_000 }, (_, i) =>
      change(`alarm/number-${i}`, {
        action: 'update',
        cause: 'drift',
        differences: [{ path: 'description', before: 'ä'.repeat(300), after: `→ ${i}` }],
      }),
    );
    const text = planMarkdown(
      planOf({
        changes: [...many, change('vpc/last', { action: 'replace' }), change('bucket/last', { action: 'refuse' })],
        removals: [{ id: 'alarm/gone', kind: 'alarm', ref: 'gone', cause: 'orphan' }],
      }),
      ABOUT,
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
    for (const id of ['vpc/last', 'bucket/last', 'alarm/gone']) expect(text).toContain(`\`${id}\``);
    expect(text).toContain('2000 to update');
    expect(text).toContain('Cut to fit a comment');
  });

  it('cannot be broken by what a value contains', () => {
    const text = planMarkdown(
      planOf({
        changes: [
          change('a/b', {
            reason: 'a | b\n<img src=x>',
            differences: [{ path: 'p', before: '```\n</details>', after: '|' }],
          }),
        ],
      }),
      ABOUT,
    );
    const row = text.split('\n').find((line) => line.includes('a/b')) ?? '';
    expect(row).toContain('a \\| b<br>&lt;img src=x>');
    expect(text.match(/```/g)).toHaveLength(2);
  });
});

describe('a plan as JSON', () => {
  it('can be read by scripts: versioned, with counts, and unknown values as text', () => {
    const json = JSON.parse(JSON.stringify(planJson(FULL, ABOUT)));
    expect(json).toMatchObject({
      version: 1,
      project: 'tap',
      environment: 'default',
      account: '123456789012',
      region: 'us-east-1',
      summary: { create: 2, update: 2, replace: 1, adopt: 1, remove: 2, waiting: 1, refused: 1, unchanged: 70 },
    });
    expect(json.changes[1].differences[3]).toEqual({ path: 'topic', after: '(known after apply: topic/alerts.arn)' });
    expect(json.changes[6].blockedBy).toBe('certificate-validation/site');
    expect(json.notChecked).toEqual([{ id: 'role/ci', attribute: 'trust', reason: 'needs iam:GetRole' }]);
  });

  it('counts like the text', () => {
    expect(summary(planOf())).toEqual({
      create: 0,
      update: 0,
      replace: 0,
      adopt: 0,
      remove: 0,
      waiting: 0,
      refused: 0,
      unchanged: 0,
    });
  });
});

describe('a value', () => {
  it('is shown on one line, cut where it is long', () => {
    expect(valueText(undefined)).toBe('(none)');
    expect(valueText(null)).toBe('(none)');
    expect(valueText(false)).toBe('false');
    expect(valueText({ a: [1] })).toBe('{"a":[1]}');
    expect(valueText('x'.repeat(500))).toHaveLength(160);
  });
});

describe('style', () => {
  it('tells durations as people do', () => {
    expect([0, 1_400, 59_400, 60_000, 65_000, 3_600_000].map(duration)).toEqual([
      '0 s',
      '1 s',
      '59 s',
      '1 min',
      '1 min 5 s',
      '60 min',
    ]);
  });

  it('lines up columns', () => {
    expect(
      table([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b']);
  });
});

it('nothing but what differs gets into a plan: not what else the live object has, nor what only update needs', async () => {
  const store = new Store(virtualClock());
  const Thing = thingKind(store);
  const seen = Thing.observe;
  const Leaky = {
    ...Thing,
    observe: async (...args: Parameters<typeof seen>) =>
      (await seen(...args)).map((object) => ({ ...object, raw: { password: 'hunter2' } })),
  };
  const graph = new Graph('tap');
  graph.add(Leaky, 'a', { size: 1, login: { user: 'app' } });
  store.ours('thing/a', { size: 2, token: 'hunter2', login: { user: 'root', password: 'hunter2' } });
  const made = await planned(graph);
  expect(made.changes[0]?.differences.map(({ path }) => path)).toEqual(['size', 'login.user']);
  for (const text of [planText(made, ABOUT, plain), planMarkdown(made, ABOUT), JSON.stringify(planJson(made, ABOUT))])
    expect(text).not.toContain('hunter2');
});

describe('a line that is too long for the terminal', () => {
  it('goes on below, indented; colours and long words have no width and stay whole', () => {
    expect(fold('one two three', undefined, 2)).toEqual(['one two three']);
    expect(fold('  one  two three four five six seven', 20, 4)).toEqual([
      '  one  two three',
      '    four five six',
      '    seven',
    ]);
    expect(fold(painter(true)('red', 'one two'), 7, 2)).toHaveLength(1);
    expect(fold('a arn:aws:ecs:us-east-1:123456789012:x b', 20, 2)).toEqual([
      'a',
      '    arn:aws:ecs:us-east-1:123456789012:x',
      '    b',
    ]);
  });
});
