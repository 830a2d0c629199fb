/** A place of a definition for people: the steps after the definition itself, each a field's key or a word's key. */
export interface PlaceStep {
  kind: 'field' | 'part' | 'key';
  name: string;
}

/** Steps that have words of their own, under `studio.upgrades.parts`. */
const parts: ReadonlySet<string> = new Set([
  'title',
  'titlePlural',
  'description',
  'help',
  'icon',
  'options',
  'default',
  'required',
  'unique',
  'index',
  'retired',
  'columns',
  'sort',
  'filter',
  'sections',
  'fields',
  'rules',
  'items',
  'order',
  'grants',
  'expression',
  'systemComputed',
  'showWhen',
  'requireWhen',
  'readOnlyWhen',
  'color',
  'span',
  'check',
  'when',
  'message',
]);
/** Steps that say nothing to people: what follows does. */
const frames: ReadonlySet<string> = new Set(['x-field', 'x-entity']);

/** `/properties/website/x-field/options/red` → field website, part options, key red. */
export function placeSteps(type: string, at: string): PlaceStep[] {
  const steps = at
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const isField = type === 'entity' && steps[0] === 'properties' && steps.length > 1;
  const rest = (isField ? steps.slice(2) : steps).filter((step) => !frames.has(step));
  return [
    ...(isField ? [{ kind: 'field' as const, name: steps[1] ?? '' }] : []),
    ...rest.map((name) => ({ kind: parts.has(name) ? ('part' as const) : ('key' as const), name })),
  ];
}

/** A value for people: texts as they are, plain properties one a line, the rest as JSON; null: there is none. */
export function valueWords(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.every(isPlain) ? value.join(', ') : JSON.stringify(value, null, 2);
  const entries = Object.entries(value).filter(([key]) => key !== '$id');
  if (!entries.every(([, one]) => isPlain(one))) return JSON.stringify(value, null, 2);
  return entries.map(([key, one]) => `${key}: ${String(one)}`).join('\n');
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
