import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { invalid, type Issue } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { PluginSettings } from '../sdk/index.js';
import type { PluginSettingsInfo, SettingSchema, SettingsSchema } from './types.js';

/** What counts: what was set and still fits, else the default. What an older version knew is passed over. */
export function effectiveSettings(schema: SettingsSchema, stored: Readonly<Record<string, unknown>>): PluginSettings {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(schema.properties).flatMap(([key, property]) => {
        const given = Object.hasOwn(stored, key) ? stored[key] : undefined;
        const value =
          given !== undefined && faultsOf({ [key]: property }, { [key]: given }).length === 0
            ? given
            : property.default;
        return value === undefined ? [] : [[key, value as string | number | boolean]];
      }),
    ),
  );
}

/** What is stored after a change: given values laid over the standing ones, null taking one away. Throws plugin.bad_settings. */
export function changedSettings(
  schema: SettingsSchema,
  stored: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known = schema.properties;
  const issues: Issue[] = Object.keys(patch)
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => ({
      path: key,
      code: 'plugin.unknown_setting',
      message: `There is no setting "${key.slice(0, 80)}".${didYouMean(key, Object.keys(known))}`,
    }));
  const given = Object.entries(patch).filter(([key]) => Object.hasOwn(known, key));
  const set = Object.fromEntries(given.filter(([, value]) => value !== null));
  issues.push(...faultsOf(known, set));
  const next = Object.fromEntries(
    Object.entries({ ...stored, ...Object.fromEntries(given) }).filter(
      ([key, value]) => value !== null && Object.hasOwn(known, key),
    ),
  );
  for (const key of schema.required ?? [])
    if (!Object.hasOwn(next, key) && known[key]?.default === undefined)
      issues.push({ path: key, code: 'field.required', message: `${known[key]?.title ?? key} must be given.` });
  if (issues.length > 0)
    throw invalid(
      'plugin.bad_settings',
      issues.length === 1 ? issues[0].message : `${issues.length} settings cannot be taken.`,
      {
        issues,
      },
    );
  return next;
}

/** The settings as administrators see them. */
export function settingsInfo(schema: SettingsSchema, stored: Readonly<Record<string, unknown>>): PluginSettingsInfo {
  return {
    schema,
    values: effectiveSettings(schema, stored),
    set: Object.keys(schema.properties).filter((key) => Object.hasOwn(stored, key)),
  };
}

/** What is wrong with the description itself: defaults and choices that its own rules refuse, required ones it does not have. */
export function settingsProblems(schema: SettingsSchema | null): { pointer: string; message: string }[] {
  if (schema === null) return [];
  const found: { pointer: string; message: string }[] = [];
  for (const [key, property] of Object.entries(schema.properties)) {
    const { enum: choices, ...bare } = property;
    if (property.default !== undefined && faultsOf({ [key]: property }, { [key]: property.default }).length > 0)
      found.push({
        pointer: `/settings/properties/${key}/default`,
        message: `the default of "${key}" is none of the values that it may have.`,
      });
    (choices ?? []).forEach((value, i) => {
      if (faultsOf({ [key]: bare }, { [key]: value }).length > 0)
        found.push({
          pointer: `/settings/properties/${key}/enum/${i}`,
          message: `${JSON.stringify(value)} is no ${property.type} that "${key}" may have.`,
        });
    });
  }
  (schema.required ?? []).forEach((key, i) => {
    if (!Object.hasOwn(schema.properties, key))
      found.push({
        pointer: `/settings/required/${i}`,
        message: `there is no setting "${key}".${didYouMean(key, Object.keys(schema.properties))}`,
      });
  });
  return found;
}

function faultsOf(
  properties: Readonly<Record<string, SettingSchema>>,
  values: Readonly<Record<string, unknown>>,
): Issue[] {
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile({
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(
        ([key, { title: _title, description: _description, default: _default, ...rest }]) => [
          key,
          { maxLength: 4_000, ...rest },
        ],
      ),
    ),
  });
  if (validate(values)) return [];
  return (validate.errors ?? []).map((error) => issueOf(properties, error));
}

function issueOf(properties: Readonly<Record<string, SettingSchema>>, error: ErrorObject): Issue {
  const key = error.instancePath.slice(1);
  const choices = properties[key].enum?.map(String);
  const words =
    choices && error.keyword === 'enum' ? `must be one of ${choices.join(', ')}` : (error.message ?? 'cannot be taken');
  return { path: key, code: `field.${error.keyword}`, message: `${properties[key].title} ${words}.` };
}
