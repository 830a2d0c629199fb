import type { Definition } from '../../catalog/index.js';

/** Old → new names. */
export interface Renames {
  /** Of definitions: `x.project` → `acme.project`. */
  readonly ids: Readonly<Record<string, string>>;
  /** Of fields and related lists on others' entities: `x_vip` → `acme_vip`. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Keys whose texts are for people. */
const texts: ReadonlySet<string> = new Set([
  'title',
  'titlePlural',
  'description',
  'help',
  'message',
  'messages',
  'en',
  'hint',
]);
/** Keys whose values are expressions: what stands in quotes there is data. */
const expressions: ReadonlySet<string> = new Set([
  'check',
  'when',
  'filter',
  'showWhen',
  'requireWhen',
  'readOnlyWhen',
  'readWhen',
  'expression',
  'condition',
]);
/** Keys of data: values of options, defaults of fields. */
const data: ReadonlySet<string> = new Set(['default', 'color', 'icon', 'pattern', 'locale']);

/** A document with other names in all places that are names. */
export function renameInDocument({ type, document }: Definition, renames: Renames): Readonly<Record<string, unknown>> {
  if (type === 'translation') return renameTranslation(document, renames);
  if (type === 'change') return renameChange(document, renames);
  return renameValue(document, '', renames) as Record<string, unknown>;
}

function renameValue(value: unknown, key: string, renames: Renames): unknown {
  if (typeof value === 'string') return renameText(value, key, renames);
  if (Array.isArray(value))
    return key === 'options' || key === 'labels' ? value : value.map((item) => renameValue(item, key, renames));
  if (typeof value !== 'object' || value === null || data.has(key)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [renameWords(name, renames), renameValue(inner, name, renames)]),
  );
}

function renameText(text: string, key: string, renames: Renames): string {
  if (texts.has(key) || data.has(key)) return text;
  if (!expressions.has(key)) return renameWords(text, renames);
  return text
    .split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/)
    .map((part, i) => (i % 2 === 1 ? part : renameWords(part, renames)))
    .join('');
}

/** Whole words that are names: `x_vip`, `-x_vip`, `company.x_vip`, `entity:x.project`, `/properties/x_vip/title`. */
function renameWords(text: string, { ids, keys }: Renames): string {
  return text
    .replace(/(?<![A-Za-z0-9_.])x\.[a-z][A-Za-z0-9-]*/g, (id) => ids[id] ?? id)
    .replace(/(?<![A-Za-z0-9_])x_[a-z][A-Za-z0-9]*/g, (key) => keys[key] ?? key);
}

function renameTranslation(document: Definition['document'], renames: Renames): Readonly<Record<string, unknown>> {
  const messages = (document.messages ?? {}) as Record<string, Record<string, string>>;
  return {
    ...document,
    messages: Object.fromEntries(
      Object.entries(messages).map(([name, own]) => [
        renameWords(name, renames),
        Object.fromEntries(Object.entries(own).map(([pointer, text]) => [renameWords(pointer, renames), text])),
      ]),
    ),
  };
}

/** What an operation sets is named by the last step of its pointer. */
function renameChange(document: Definition['document'], renames: Renames): Readonly<Record<string, unknown>> {
  const { target, operations } = document as { target: unknown; operations: Record<string, unknown>[] };
  return {
    target,
    operations: operations.map(({ value, ...rest }) => {
      const at = String(rest.at);
      const isElement = rest.op === 'insert-before';
      const key = isElement ? '' : at.slice(at.lastIndexOf('/') + 1);
      const isData = /\/(options|labels|default)(\/|$)/.test(at);
      return {
        ...(renameValue(rest, '', renames) as Record<string, unknown>),
        ...(value === undefined ? {} : { value: isData ? value : renameValue(value, key, renames) }),
      };
    }),
  };
}
