import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { errorMessage, InputError } from './errors.js';
import { fileErrorReason } from './files.js';
import { nearest } from './nearest.js';

/** Reads a JSON file. Throws InputError naming the file and, for broken JSON, the place. */
export async function readJsonFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read ${file}: ${fileErrorReason(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file} must be valid JSON: ${errorMessage(error)}`, { cause: error });
  }
}

/**
 * The value as the schema describes it, defaults filled in. Throws one InputError with a sentence for
 * each wrong field; unknown fields are named with the nearest valid one.
 *
 * @example
 * const config = parseConfig(z.strictObject({ steps: z.int() }), { step: 3 }, 'train.json');
 * // InputError: train.json: "steps" is missing; "step" is not a field, did you mean "steps"?
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  fileName: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const description = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const sentences = parsed.error.issues.flatMap((issue) => explain(issue, value, description));
  throw new InputError(`${fileName}: ${sentences.join('; ')}`);
}

/** Reads a JSON file and checks it, as `readJsonFile` and `parseConfig` do. */
export async function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
): Promise<z.output<Schema>> {
  return parseConfig(schema, await readJsonFile(file), file);
}

type JsonSchema = z.core.JSONSchema.JSONSchema;
type Path = readonly PropertyKey[];

/** One sentence, without the file's name, for each thing an issue finds wrong. */
function explain(issue: z.core.$ZodIssue, root: unknown, description: JsonSchema): string[] {
  const found = valueAt(root, issue.path);
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = schemasAt(description, root, issue.path).flatMap((schema) =>
      Object.keys(schema.properties ?? {}),
    );
    return issue.keys.map((key) => unknownField([...issue.path, key], key, known));
  }
  const wanted = requirement(issue, schemasAt(description, root, issue.path));
  if (found === undefined && field !== '') {
    return [`${field} is missing${wanted === '' ? '' : `: it must be ${wanted}`}`];
  }
  const subject = field === '' ? 'the content' : field;
  return wanted === ''
    ? [`${subject}: ${issue.message}`]
    : [`${subject} must be ${wanted}, got ${show(found)}`];
}

function unknownField(path: Path, key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const hint =
    near !== undefined
      ? `, did you mean ${fieldName([...path.slice(0, -1), near])}?`
      : known.length > 0
        ? `, the fields are ${known.join(', ')}`
        : '';
  return `${fieldName(path)} is not a field${hint}`;
}

const TYPE_WORDS: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  integer: 'a whole number',
  string: 'a text in quotes',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object in braces',
  record: 'an object in braces',
  null: 'null',
};

/** What would be right, for use after "must be"; empty where only the issue's own message tells. */
function requirement(issue: z.core.$ZodIssue, schemas: readonly JsonSchema[]): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'too_small':
      return bound(
        issue.origin,
        issue.inclusive === false ? 'more than' : 'at least',
        issue.minimum,
      );
    case 'too_big':
      return bound(
        issue.origin,
        issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
      );
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return [...new Set(schemas.map(describe))].filter((text) => text !== '').join(' or ');
    default:
      return '';
  }
}

function bound(origin: string, comparison: string, limit: number | bigint): string {
  if (origin === 'string') return `a text of ${comparison} ${limit} characters`;
  if (origin === 'array' || origin === 'tuple') return `a list of ${comparison} ${limit} values`;
  return `${comparison} ${limit}`;
}

/** A schema in words, as far as an alternative in a union needs them. */
function describe(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return oneOf(schema.enum);
  return typeof schema.type === 'string' ? (TYPE_WORDS[schema.type] ?? schema.type) : '';
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) =>
    typeof value === 'bigint' ? `${value}` : JSON.stringify(value),
  );
  return texts.length === 1 ? texts[0]! : `one of ${texts.join(', ')}`;
}

/** The parts of a JSON schema that apply at a path, with the alternatives that fit the value. */
function schemasAt(schema: JsonSchema, value: unknown, path: Path): JsonSchema[] {
  const alternatives = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (alternatives) {
    const fitting = alternatives.filter((option) => agrees(option, value));
    const chosen = fitting.length > 0 ? fitting : alternatives;
    return chosen.flatMap((option) => schemasAt(option, value, path));
  }
  const [key, ...rest] = path;
  if (key === undefined) return [schema];
  const next =
    typeof key === 'number'
      ? ((schema.prefixItems?.[key] ?? schema.items) as JsonSchema | undefined)
      : (schema.properties?.[String(key)] ?? schema.additionalProperties);
  if (next === undefined || typeof next === 'boolean') return [];
  return schemasAt(next, valueAt(value, [key]), rest);
}

/** Whether an object has the constants, such as its `type`, that an alternative asks for. */
function agrees(schema: JsonSchema, value: unknown): boolean {
  return Object.entries(schema.properties ?? {}).every(([key, property]) => {
    if (typeof property !== 'object' || property.const === undefined) return true;
    return valueAt(value, [key]) === property.const;
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** `"data.photographs"`, `"betas[1]"`; empty for the whole value. */
function fieldName(path: Path): string {
  if (path.length === 0) return '';
  const text = path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
  return `"${text}"`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
