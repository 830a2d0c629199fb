import { didYouMean, suggest } from '../base/suggest.js';
import { makeAjv } from './ajv.js';
import { allKinds, kindOf } from './kinds/index.js';
import { currencyKey } from './kinds/currency.js';
import type { FieldKind } from './kinds/kind.js';
import type { FieldModel, OptionModel } from './model.js';
import { patternProblem } from './pattern.js';

/** Where a field is built and how its faults are told. `at` is relative to the property. */
export interface FieldSource {
  readonly entity: string;
  readonly key: string;
  readonly uuid: string;
  readonly property: Readonly<Record<string, unknown>>;
  readonly required: boolean;
  report(at: string, code: string, message: string, suggestion?: string): void;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The model of one property, or null where its kind is none. */
export function buildField(source: FieldSource): FieldModel | null {
  const { property, key } = source;
  const x = (property['x-field'] ?? {}) as JsonObject;
  const kind = findKind(source, x.kind);
  if (!kind) return null;
  const options = optionsOf(source, 'options', x.options);
  if ((kind.id === 'choice' || kind.id === 'multiChoice') && options.length === 0)
    source.report('/x-field/options', 'definition.no_options', `a field of kind "${kind.id}" needs options`);
  checkDefault(source, kind, options);
  checkGiven(source, kind);
  checkPatternAndSchema(source, kind);
  const inverse = x.inverse as string | { key: string } | undefined;
  return {
    key,
    entity: source.entity,
    uuid: source.uuid,
    kind,
    title: typeof property.title === 'string' ? property.title : humanTitle(key),
    ...(typeof property.description === 'string' ? { help: property.description } : {}),
    required: source.required,
    system: false,
    readOnly: x.readOnly === true || kind.insertSql !== undefined || computedKinds.has(kind.id),
    unique: x.unique === true,
    searchable: x.searchable === true,
    sensitivity: (x.sensitivity as FieldModel['sensitivity'] | undefined) ?? 'normal',
    ...(typeof x.index === 'boolean' ? { index: x.index } : {}),
    ...(property.default !== undefined ? { default: property.default } : {}),
    options,
    to: targets(kind, x.to),
    onDelete: (x.onDelete as FieldModel['onDelete'] | undefined) ?? 'setNull',
    ...(inverse === undefined ? {} : { inverse: typeof inverse === 'string' ? inverse : inverse.key }),
    labels: optionsOf(source, 'labels', x.labels),
    retired: x.retired === true,
    schema: property,
    x,
  };
}

/** Kinds whose values nobody writes. */
export const computedKinds: ReadonlySet<string> = new Set(['formula', 'rollup']);

/** The currency that stands beside an amount. */
export function currencySibling(money: FieldModel, uuid: string): FieldModel {
  const { index: _index, default: _default, help: _help, ...rest } = money;
  const defaultCurrency = typeof money.x.currency === 'string' ? { default: money.x.currency } : {};
  return {
    ...rest,
    ...defaultCurrency,
    key: currencyKey(money.key),
    uuid,
    kind: kindOf('currency') as FieldKind,
    title: `${money.title} (currency)`,
    required: false,
    unique: false,
    searchable: false,
    schema: { type: 'string', pattern: '^[A-Z]{3}$' },
    x: { kind: 'currency', hidden: true },
  };
}

/** `annualRevenue` → `Annual revenue`. */
export function humanTitle(key: string): string {
  const words = key
    .replace(/^[a-z][A-Za-z0-9]*_/, '')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function findKind(source: FieldSource, name: unknown): FieldKind | null {
  if (typeof name !== 'string') {
    source.report('/x-field/kind', 'definition.no_kind', 'the field has no kind');
    return null;
  }
  const kind = allKinds.find((candidate) => candidate.id === name);
  if (kind) return kind;
  const known = allKinds.map((candidate) => candidate.id);
  source.report(
    '/x-field/kind',
    'definition.unknown_kind',
    `unknown kind "${name}".${didYouMean(name, known)}`,
    suggest(name, known) ?? undefined,
  );
  return null;
}

function targets(kind: FieldKind, to: unknown): readonly string[] {
  if (kind.id === 'user') return ['core.user'];
  if (kind.id === 'file') return ['core.attachment'];
  if (kind.relation === undefined) return [];
  return typeof to === 'string'
    ? [to]
    : Array.isArray(to)
      ? to.filter((id): id is string => typeof id === 'string')
      : [];
}

function optionsOf(source: FieldSource, name: 'options' | 'labels', given: unknown): OptionModel[] {
  if (!Array.isArray(given)) return [];
  const seen = new Set<string>();
  const options: OptionModel[] = [];
  (given as JsonObject[]).forEach((option, i) => {
    const value = option?.value;
    if (typeof value !== 'string') return;
    if (seen.has(value))
      source.report(`/x-field/${name}/${i}/value`, 'definition.duplicate_option', `"${value}" is given twice`);
    else {
      options.push({
        value,
        title: typeof option.title === 'string' ? option.title : value,
        ...(typeof option.color === 'string' ? { color: option.color } : {}),
        ...(option.retired === true ? { retired: true } : {}),
      });
    }
    seen.add(value);
  });
  return options;
}

/** What validateDefinition leaves open: a json field may carry any schema, and a model may be built without it. */
function checkPatternAndSchema(source: FieldSource, kind: FieldKind): void {
  const { pattern } = source.property;
  if (typeof pattern === 'string') {
    const problem = patternProblem(pattern);
    if (problem) return source.report('/pattern', 'definition.unsafe_pattern', problem);
  }
  if (kind.id === 'json') {
    const schema = kind.valueSchema({ schema: source.property } as FieldModel);
    // The schema of schemas takes a tenth of a second to compile: not for one that says nothing.
    if (Object.keys(schema).length === 0) return;
    try {
      makeAjv({ validateSchema: true }).compile(schema);
    } catch (error) {
      source.report('', 'definition.bad_schema', `is not a JSON Schema: ${(error as Error).message.slice(0, 200)}`);
    }
  }
}

/** What is computed is never given; a secret in a definition would be none. */
function checkGiven({ property, required, report }: FieldSource, kind: FieldKind): void {
  const isComputed = computedKinds.has(kind.id);
  if (property.default !== undefined && (isComputed || kind.sealed === true || kind.id === 'lines'))
    report('/default', 'definition.no_default', `a field of kind "${kind.id}" cannot have a default`);
  if (required && isComputed)
    report('', 'definition.computed_required', `a field of kind "${kind.id}" is computed and cannot be required`);
}

function checkDefault(source: FieldSource, kind: FieldKind, options: readonly OptionModel[]): void {
  const given = source.property.default;
  if (given === undefined || (kind.id !== 'choice' && kind.id !== 'multiChoice')) return;
  const values = options.map((option) => option.value);
  for (const value of Array.isArray(given) ? given : [given]) {
    if (!values.includes(value))
      source.report(
        '/default',
        'definition.bad_default',
        `the default ${JSON.stringify(value)} is not an option.${didYouMean(String(value), values)}`,
      );
  }
}
