import { didYouMean } from './checks.ts';
import { type Document, readDocument } from './document.ts';
import { ConfigError, type Issue, type Path, quote, renderPath } from './issues.ts';
import { FIXED } from './json-schema.ts';
import { violations } from './rules.ts';
import { type Config, complete, environmentName, type Settings, settings } from './schema.ts';
import { checkNoSecret } from './secrets.ts';
import { type Finding, translate, valueAt } from './translate.ts';

type Json = Record<string, unknown>;

/**
 * The config of one environment from the text of a file. Pure.
 * @param env name of an overlay; the base when absent.
 * @throws ConfigError with every issue of the base and of all overlays, in the order of the file.
 */
export function parseConfig(text: string, { file, env }: { file: string; env?: string | undefined }): Config {
  const [config] = parse(text, file, [env]);
  if (!config) throw new Error('a config without issues is complete');
  return config;
}

/** The base and every environment of the file, each checked in full. Throws as parseConfig does. */
export function parseAll(text: string, { file }: { file: string }): Config[] {
  return parse(text, file, 'all');
}

function parse(text: string, file: string, wanted: readonly (string | undefined)[] | 'all'): Config[] {
  const { document, issues } = readDocument(text);
  if (!document) throw new ConfigError(file, issues);
  const { $schema, environments, ...base } = document.value as Json;
  const overlays = isObject(environments) ? environments : {};
  const envs = wanted === 'all' ? [undefined, ...Object.keys(overlays)] : wanted;

  const found = new Map<string, Issue>(issues.map((issue) => [issue.path + issue.problem, issue]));
  const report = (findings: readonly Finding[], env?: string) => {
    for (const finding of findings) {
      const issue = locate(document, finding, env);
      found.set(issue.path + issue.problem, issue);
    }
  };
  const wrongSchema =
    typeof $schema === 'string' || $schema === undefined
      ? checkNoSecret($schema ?? '')
      : { problem: 'must be a string', fix: 'write "./node_modules/tap-aws/schema/tap.schema.json"' };
  if (wrongSchema) report([{ path: ['$schema'], ...wrongSchema }]);
  report(checkEnvironments(environments, base));
  report(part(base));
  for (const [name, overlay] of Object.entries(overlays)) if (isObject(overlay)) report(part(overlay), name);

  const configs: Config[] = [];
  // What the base itself has wrong is not repeated for each environment.
  const known = new Set<string>();
  for (const env of envs) {
    if (env !== undefined && !Object.hasOwn(overlays, env)) {
      report([unknownEnvironment(env, Object.keys(overlays))]);
      continue;
    }
    const { config, findings } = whole(merge(base, env === undefined ? {} : overlays[env]), env);
    const id = ({ path, problem }: Finding) => renderPath(path) + problem;
    report(
      findings.filter((finding) => !known.has(id(finding))),
      env,
    );
    if (env === undefined) for (const finding of findings) known.add(id(finding));
    if (config) configs.push(config);
  }
  if (found.size > 0) throw new ConfigError(file, [...found.values()].sort(byPosition));
  return configs;
}

/** Findings about what is there; what is missing may stand in another part. */
function part(value: Json): Finding[] {
  const result = settings.safeParse(value);
  return result.success ? [] : translate(result.error.issues, value).filter(({ missing }) => !missing);
}

// Only so that the rules can run although something required is missing; never part of a result.
const STAND_IN = { domain: 'example.com', github: { repository: 'org/repo' } };

/** Checks a complete config. Wrong values are left out and the rest goes through the rules, so that all issues show at once. */
function whole(value: unknown, env: string | undefined): { config?: Config; findings: Finding[] } {
  const first = settings.safeParse(value);
  const findings = first.success ? [] : translate(first.error.issues, value);
  const wrong = findings.map(({ path }) => path);
  const usable = first.success ? first.data : withoutWrong(value, wrong);
  if (!usable) return { findings };
  const config = complete(usable, env);
  const doubtful = (path: Path) => wrong.some((bad) => isPrefix(bad, path) || isPrefix(path, bad));
  const broken = violations(config, usable).filter(({ path, reads = [] }) => ![path, ...reads].some(doubtful));
  return { ...(first.success && { config }), findings: [...findings, ...broken] };
}

function withoutWrong(value: unknown, wrong: Path[]): Settings | undefined {
  const copy = merge(STAND_IN, isObject(value) ? value : {}) as Json;
  for (const path of wrong) {
    // A list is left out as a whole: without one of its entries it would mean something else.
    const list = path.findIndex((step) => typeof step === 'number');
    const target = list === -1 ? path : path.slice(0, list);
    const parent = valueAt(copy, target.slice(0, -1));
    const last = target.at(-1);
    if (!isObject(parent) || last === undefined) continue;
    delete parent[last];
    const standIn = valueAt(STAND_IN, target);
    if (standIn !== undefined) parent[last] = structuredClone(standIn);
  }
  const result = settings.safeParse(copy);
  return result.success ? result.data : undefined;
}

function checkEnvironments(environments: unknown, base: Json): Finding[] {
  if (environments === undefined) return [];
  if (!isObject(environments))
    return [
      {
        path: ['environments'],
        problem: 'must be an object',
        fix: 'write { "staging": { "domain": "staging.example.com" } }',
      },
    ];
  const found: Finding[] = [];
  const domains = new Map<unknown, string>(typeof base.domain === 'string' ? [[base.domain, 'the base']] : []);
  for (const [name, overlay] of Object.entries(environments)) {
    const path = ['environments', name];
    const add = (at: Path, problem: string, fix: string, key = false) =>
      found.push({ path: [...path, ...at], problem, fix, key });
    if (name === 'default') add([], '"default" is the name of the base itself', 'choose another name', true);
    if (!environmentName.safeParse(name).success) {
      add(
        [],
        `${quote(name)} is not an environment name`,
        'use lower-case letters, digits and single hyphens, starting with a letter',
        true,
      );
      continue;
    }
    if (!isObject(overlay)) {
      add([], 'must be an object', 'write { ... } with what is different in this environment');
      continue;
    }
    for (const fixed of FIXED)
      if (valueAt(overlay, fixed.split('.')) !== undefined)
        add(
          fixed.split('.'),
          'cannot differ between environments',
          `remove it: ${fixed === 'project' ? 'the name becomes <project>-<environment>' : 'another repository needs a config of its own'}`,
          true,
        );
    // CloudFront serves an alternate domain name only once, in all accounts together.
    const domain = overlay.domain ?? base.domain;
    const owner = domains.get(domain);
    if (owner !== undefined)
      add(
        ['domain'],
        `is the same as that of ${owner}: ${quote(domain)}`,
        `set environments.${name}.domain, such as ${quote(`${name}.${domain}`)}`,
      );
    else if (domain !== undefined) domains.set(domain, `environment ${name}`);
  }
  return found;
}

function unknownEnvironment(env: string, known: string[]): Finding {
  const fix =
    didYouMean(env, known) ?? (known.length > 0 ? `use one of ${known.join(', ')}` : 'add it, or leave out --env');
  return { path: ['environments'], problem: `has no environment ${quote(env)}`, fix };
}

/**
 * An issue of the merged config points to where its value came from: the overlay, else the base. A value that is in
 * neither points to the nearest object around it, in the overlay if both have one.
 */
function locate(document: Document, { path, problem, fix, key }: Finding, env: string | undefined): Issue {
  const overlay = ['environments', env ?? ''];
  const depth = (prefix: Path) => path.findIndex((_, index) => !document.has([...prefix, ...path.slice(0, index + 1)]));
  const inOverlay = env === undefined ? 0 : depth(overlay);
  const inBase = depth([]);
  const overlaid = inOverlay === -1 || (inBase !== -1 && inOverlay > 0 && inOverlay >= inBase);
  const place = overlaid ? [...overlay, ...path] : path;
  return { path: renderPath(place), ...document.position(place, key ? 'key' : 'value'), problem, fix };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPrefix = (short: Path, long: Path) => short.every((step, index) => long[index] === step);
const byPosition = (a: Issue, b: Issue) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** Objects are merged key by key, everything else is replaced. */
function merge(base: unknown, overlay: unknown): unknown {
  if (!isObject(base) || !isObject(overlay)) return structuredClone(overlay === undefined ? base : overlay);
  const merged: Json = {};
  for (const key of new Set([...Object.keys(base), ...Object.keys(overlay)])) {
    merged[key] = Object.hasOwn(overlay, key)
      ? merge(Object.hasOwn(base, key) ? base[key] : undefined, overlay[key])
      : structuredClone(base[key]);
  }
  return merged;
}
