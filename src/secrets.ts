import {
  CreateSecretCommand,
  type DescribeSecretResponse,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { tagList, tagsOf } from './aws/tags.ts';
import { quote } from './config/issues.ts';
import { UserError } from './engine/errors.ts';
import type { Cx, Remains, Tags } from './engine/kind.ts';
import { UNSET } from './resources/secretsmanager/external-secret.ts';
import { readSecret, removeSecret, secretsOf, tagSecret } from './resources/secretsmanager/secrets.ts';
import { storedId } from './resources/secretsmanager/stored-secret.ts';

/** What `tap secrets list` shows of a secret: everything but its value. */
export interface SecretRow {
  readonly name: string;
  readonly madeBy: 'tap' | 'tap secrets set';
  readonly state: 'ready' | 'no value' | 'deleted';
  /** Day of the last change, `yyyy-mm-dd`. */
  readonly changed: string;
}

/** SecretString takes at most 65,536 bytes (PutSecretValue). */
const LONGEST = 65_536;
/** What tap composes or makes itself; a value set by hand would be taken for drift. */
const MADE_BY_TAP: readonly string[] = ['database-url', 'jwt-secret-key', 'cognito-client-secret'];

/**
 * Stores a value that only a person knows.
 * @param name full name: `tap/google-oauth`
 * @throws UserError when the name or the value will not do, or the secret is not of `tap secrets set`; never quotes the value
 */
export async function setSecret(cx: Cx, name: string, value: string, tags: Tags = {}): Promise<void> {
  const key = keyOf(cx, name);
  const text = checked(key, name, value);
  const client = cx.aws(SecretsManagerClient);
  const live = await readSecret(cx, name);
  if (!live) {
    const all = { ...tags, Name: name, ...cx.owned(storedId(key)) };
    await client.send(new CreateSecretCommand({ Name: name, SecretString: text, Tags: tagList(all) }));
    return;
  }
  checkOwner(cx, name, live);
  if (live.DeletedDate) await client.send(new RestoreSecretCommand({ SecretId: name }));
  if (tagsOf(live.Tags)[UNSET] !== undefined)
    await client.send(new UntagResourceCommand({ SecretId: name, TagKeys: [UNSET] }));
  await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
}

/** All secrets of the environment, by name. Needs a context with `sweep`. */
export async function listSecrets(cx: Cx): Promise<SecretRow[]> {
  const secrets = await Promise.all(
    ['secret', 'generated-secret', 'external-secret'].map((kind) => secretsOf(cx, kind, [])),
  );
  return secrets
    .flat()
    .filter(({ Tags }) => cx.ours(tagsOf(Tags)))
    .map(
      (secret): SecretRow => ({
        name: secret.Name ?? '',
        madeBy: isStored(secret) ? 'tap secrets set' : 'tap',
        state: secret.DeletedDate ? 'deleted' : secret.VersionIdsToStages ? 'ready' : 'no value',
        changed: (secret.LastChangedDate ?? secret.CreatedDate)?.toISOString().slice(0, 10) ?? '',
      }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Deletes a secret of `tap secrets set`, which can be restored for a while.
 * @param name full name
 * @returns until when, and how to end it at once; undefined when there is none
 */
export async function unsetSecret(cx: Cx, name: string, days?: number): Promise<Remains | undefined> {
  keyOf(cx, name);
  const live = await readSecret(cx, name);
  if (!live) return undefined;
  checkOwner(cx, name, live);
  // Otherwise the next `tap up` would restore it.
  if (!live.DeletedDate) await tagSecret(cx, { ref: live.ARN ?? name }, { [UNSET]: 'true' });
  return removeSecret(cx, { ref: live.ARN ?? name, name }, days);
}

const isStored = ({ Tags }: DescribeSecretResponse): boolean => (tagsOf(Tags)['tap:id'] ?? '').startsWith(storedId(''));

/**
 * @param value undefined when it is not known yet
 * @throws UserError when `tap secrets set` cannot store it under this full name; never quotes the value
 */
export function checkSecret(project: string, name: string, value: string | undefined): void {
  const key = keyOf({ project }, name);
  if (value !== undefined) checked(key, name, value);
}

/** The name without the project in front. */
function keyOf(cx: Pick<Cx, 'project'>, name: string): string {
  const prefix = `${cx.project}/`;
  const key = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  // CreateSecret, Name.
  if (!/^[A-Za-z0-9/_+=.@-]+$/.test(key) || name.length > 512)
    throw new UserError(`${quote(name)} is not a name for a secret of this environment`, {
      fix: `use ${prefix} and up to ${512 - prefix.length} letters, digits and /_+=.@-`,
    });
  if (MADE_BY_TAP.includes(key))
    throw new UserError(`tap makes the value of ${name} itself`, {
      fix:
        key === 'database-url'
          ? 'for a new password: `tap db rotate`; for other options: database.url in tap.config.json'
          : 'choose another name',
    });
  return key;
}

function checkOwner(cx: Cx, name: string, live: DescribeSecretResponse): void {
  if (cx.ours(tagsOf(live.Tags)) && isStored(live)) return;
  throw new UserError(`the secret ${name} exists and was not made by \`tap secrets set\``, {
    fix: 'change it where it was made; or delete it there first, then set it with tap',
  });
}

function checked(key: string, name: string, value: string): string {
  if (value === '')
    throw new UserError(`nothing was stored: the value of ${name} is empty`, {
      fix: `pipe it in: \`tap secrets set ${key} < FILE\`, or run it on a terminal`,
    });
  // What is left of bytes that are not UTF-8.
  if (/[\0\ufffd]/.test(value))
    throw new UserError(`the value of ${name} is not text in UTF-8`, { fix: 'encode it, for example with base64' });
  if (Buffer.byteLength(value) > LONGEST)
    throw new UserError(`the value of ${name} is longer than ${LONGEST} bytes`, { fix: 'keep it in S3 instead' });
  return key === 'google-oauth' ? googleClient(name, value) : value;
}

/** Takes the file that the Google Cloud Console offers for download as well, which wraps the two in `web`. */
function googleClient(name: string, value: string): string {
  const { web, ...top } = record(parsed(value));
  const { client_id, client_secret } = web === undefined ? top : record(web);
  const absent = Object.entries({ client_id, client_secret }).flatMap(([key, text]) =>
    typeof text === 'string' && text.trim() !== '' ? [] : [key],
  );
  if (absent.length > 0)
    throw new UserError(`the value of ${name} has no ${absent.join(' and no ')}`, {
      fix: 'give JSON such as {"client_id": "...", "client_secret": "..."}, from the OAuth client in the Google Cloud Console',
    });
  return JSON.stringify({ client_id, client_secret });
}

/** undefined for what is no JSON; the parser's own error quotes the text. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
