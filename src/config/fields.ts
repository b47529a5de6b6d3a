import * as z from 'zod';
import { checkNoSecret } from './secrets.ts';

// Code that zod would write for a schema pays for itself only when it is used often.
z.config({ jitless: true });

/** What is wrong with one value, and the remedy; undefined if nothing is. */
export type Finding = { problem: string; fix: string } | undefined;

interface Meta {
  /** For the JSON Schema only: `check` decides. */
  pattern?: string;
  /** The first is shown when the value has the wrong type or is missing. */
  examples?: unknown[];
}

/** A string with one check that explains itself; beyond it, no string is a secret or hides something. */
export const text = (description: string, check: (value: string) => Finding, meta: Meta = {}) =>
  z
    .string()
    .superRefine(refine((value) => check(value) ?? checkNoSecret(value) ?? invisible(value)))
    .meta({ description, ...meta });

/** A whole number from `minimum` to `maximum`, both allowed. */
export const whole = (description: string, minimum: number, maximum: number) =>
  z
    .number()
    .superRefine(
      refine((value) => {
        if (Number.isInteger(value) && value >= minimum && value <= maximum) return undefined;
        return {
          problem: `must be a whole number from ${minimum} to ${maximum}, is ${value}`,
          fix: `choose one in that range`,
        };
      }),
    )
    .meta({ description, type: 'integer', minimum, maximum });

/** A number from `minimum` to `maximum`, both allowed. */
export const number = (description: string, minimum: number, maximum: number) =>
  z
    .number()
    .superRefine(
      refine((value) => {
        if (value >= minimum && value <= maximum) return undefined;
        return {
          problem: `must be a number from ${minimum} to ${maximum}, is ${value}`,
          fix: `choose one in that range`,
        };
      }),
    )
    .meta({ description, minimum, maximum });

/** One of a list of numbers; the nearest is suggested. */
export const oneOf = (description: string, values: readonly number[]) =>
  z
    .number()
    .superRefine(
      refine((value) => {
        if (values.includes(value)) return undefined;
        return {
          problem: `must be one of ${values.join(', ')}, is ${value}`,
          fix: `the nearest is ${nearest(values, value)}`,
        };
      }),
    )
    .meta({ description, type: 'integer', enum: [...values] });

/** CloudWatch Logs, PutRetentionPolicy. */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** A retention that CloudWatch Logs takes; by default 30 days. */
export const logDays = (what: string) => oneOf(`Days that ${what} are kept.`, LOG_DAYS).default(30);

/**
 * Names to strings; each key and each value is checked. The values are `unknown` to zod, which would otherwise check no
 * entry once one has the wrong type.
 */
export const record = (
  description: string,
  key: (name: string) => Finding,
  value: (value: string, name: string) => Finding = () => undefined,
) =>
  z
    .record(z.string(), z.unknown())
    .superRefine((entries, context) => {
      for (const [name, content] of Object.entries(entries)) {
        const wrongKey = key(name) ?? checkNoSecret(name);
        const finding =
          wrongKey ?? (typeof content === 'string' ? (value(content, name) ?? invisible(content)) : undefined);
        const params = { fix: finding?.fix, key: wrongKey !== undefined };
        if (finding) context.addIssue({ code: 'custom', path: [name], message: finding.problem, params });
        else if (typeof content !== 'string')
          context.addIssue({ code: 'invalid_type', expected: 'string', path: [name], input: content });
      }
    })
    .transform((entries) => entries as Record<string, string>)
    .meta({ description, additionalProperties: { type: 'string' } });

export const list = <T extends z.ZodType>(description: string, item: T) => z.array(item).meta({ description });
export const flag = (description: string) => z.boolean().meta({ description });
export const choice = <const T extends readonly [string, ...string[]]>(description: string, values: T) =>
  z.enum(values).meta({ description });

/** `value` must match; the JSON Schema shows the same expression. */
export const matching = (description: string, pattern: RegExp, problem: string, fix: string, meta: Meta = {}) =>
  text(description, (value) => unusual(value) ?? (pattern.test(value) ? undefined : { problem, fix }), {
    pattern: pattern.source,
    ...meta,
  });

export function nearest(values: readonly number[], wanted: number): number {
  return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
}

/** Refuses look-alike letters, invisible and control characters: two names that read the same must be the same. */
export function unusual(value: string): Finding {
  const char = /[^\x20-\x7e]/u.exec(value)?.[0];
  if (char === undefined) return undefined;
  return {
    problem: `contains the character ${codeOf(char)}, which is not plain ASCII`,
    fix: 'type it again with plain ASCII characters',
  };
}

/** Control characters but tab and line ends, marks that turn the direction of writing, zero width, half a character. */
const INVISIBLE = /(?![\t\n\r])\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u;

/** Refuses what a reader of the file cannot see, in free text. */
function invisible(value: string): Finding {
  const char = INVISIBLE.exec(value)?.[0];
  if (char === undefined) return undefined;
  return { problem: `contains the character ${codeOf(char)}, which cannot be seen`, fix: 'remove it' };
}

const codeOf = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

function refine<T>(check: (value: T) => Finding) {
  return (value: T, context: z.RefinementCtx<T>) => {
    const finding = check(value);
    if (finding) context.addIssue({ code: 'custom', message: finding.problem, params: { fix: finding.fix } });
  };
}
