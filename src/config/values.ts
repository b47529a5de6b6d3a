import { type Finding, unusual } from './fields.ts';
import { quote } from './issues.ts';
import { checkNoSecret } from './secrets.ts';

/** AWS: keys of 1-128 characters, values of up to 256, letters, digits, spaces and _ . : / = + - @ */
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function checkTagKey(key: string): Finding {
  if (/^(aws|tap):/i.test(key))
    return {
      problem: `the tag ${quote(key)} has a prefix that is reserved`,
      fix: 'use a key without "aws:" or "tap:"',
    };
  // IAM tells keys apart without regard to case, so "name" would collide as well.
  if (key.toLowerCase() === 'name') return { problem: 'the tag "Name" is set by tap', fix: 'use another key' };
  if (key.length >= 1 && key.length <= 128 && TAG.test(key)) return undefined;
  return { problem: `${quote(key)} is not a tag key`, fix: 'use 1-128 letters, digits, spaces and _ . : / = + - @' };
}

export function checkTagValue(value: string): Finding {
  if (value.length <= 256 && TAG.test(value)) return checkNoSecret(value);
  return { problem: 'is not a tag value', fix: 'use up to 256 letters, digits, spaces and _ . : / = + - @' };
}

/** What every container gets from the environment itself. */
export const INJECTED = ['DATABASE_URL', 'JWT_SECRET_KEY', 'CORS_ORIGINS', 'COOKIE_DOMAIN', 'COOKIE_SECURE'];

/** Outputs that `frontend.environment` may refer to: those that the role which deploys may read. */
export const FRONTEND_OUTPUTS = [
  'apiUrl',
  'siteUrl',
  'region',
  'userPoolId',
  'userPoolClientId',
  'cognitoDomain',
] as const;

export function checkVariable(name: string): Finding {
  if (INJECTED.includes(name) || name.startsWith('COGNITO_'))
    return { problem: `${name} is set by tap`, fix: 'remove it, or use another name' };
  // They would take precedence over the task role.
  if (/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CONTAINER_CREDENTIALS_\w+)$/.test(name))
    return {
      problem: `${name} would replace the task role`,
      fix: 'remove it: the task role gives the container its permissions',
    };
  return checkVariableName(name);
}

export function checkVariableName(name: string): Finding {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name)) return undefined;
  return (
    unusual(name) ?? {
      problem: `${quote(name)} is not a variable name`,
      fix: 'use letters, digits and _, not starting with a digit',
    }
  );
}

export function checkUrlOption(name: string): Finding {
  if (/^(user|username|password|passfile|host|hostaddr|port|dbname)$/i.test(name))
    return {
      problem: `${quote(name)} is part of the URL already`,
      fix: 'remove it: host, user and password are filled in by tap',
    };
  return /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)
    ? undefined
    : { problem: `${quote(name)} is not the name of an option`, fix: 'use letters, digits and _' };
}

/** PostgreSQL 16, appendix C, "reserved": CREATE DATABASE and CREATE ROLE refuse them unquoted, RDS refuses them at all. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with`.split(/\s+/),
);

/** CreateDBInstance, DBName for PostgreSQL. */
export function checkDatabaseName(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(value))
    return {
      problem: 'is not a database name',
      fix: 'use 1-63 lower-case letters, digits and _, starting with a letter',
    };
  if (['postgres', 'template0', 'template1', 'rdsadmin', 'admin'].includes(value) || RESERVED.has(value))
    return {
      problem: `${quote(value)} is reserved by PostgreSQL or RDS`,
      fix: `use another name, such as ${quote(`${value}_db`)}`,
    };
  return undefined;
}

/** CreateDBInstance, MasterUsername for PostgreSQL: 16 characters, no reserved word; pg_ and rds belong to the engine. */
export function checkDatabaseUser(value: string): Finding {
  const odd = unusual(value);
  if (odd) return odd;
  if (!/^[a-z][a-z0-9_]{0,15}$/.test(value))
    return {
      problem: 'is not a database user',
      fix: 'use 1-16 lower-case letters, digits and _, starting with a letter',
    };
  if (value === 'admin' || /^(pg_|rds)/.test(value) || RESERVED.has(value) || ['public', 'none'].includes(value))
    return {
      problem: `${quote(value)} is reserved by PostgreSQL or RDS`,
      fix: 'use another name, such as "app_admin"',
    };
  return undefined;
}
