import { elementKey } from './element-key.js';
import { isObject } from './json.js';
import { pointerStep } from './problem.js';

type Document = Readonly<Record<string, unknown>>;
type Element = Readonly<Record<string, unknown>>;

const ranks: Readonly<Record<string, readonly unknown[]>> = {
  read: ['none', 'own', 'all'],
  update: ['none', 'own', 'all'],
  delete: ['none', 'own', 'all'],
  create: [false, true],
  purge: [false, true],
  import: [false, true],
  export: [false, true],
  share: [false, true],
  assign: [false, true],
};
const fieldRanks: readonly unknown[] = ['none', 'masked', 'read', 'edit'];

/**
 * Places at which a role document grants more than it did: a right of an entity (`/grants/contacts.company/update`), a whole
 * grant that came or fell back to a wider `*` (`/grants/contacts.company`), a field rule that went or was loosened
 * (`/fields/contacts.company.revenue`). Two conditions cannot be compared, so that any other `readWhen` counts as more.
 * `before` null: the role is new, and nobody has it, so that it widens nothing. `isKnown` false: an entity without data yet.
 */
export function widenedAccess(
  before: Document | null,
  after: Document | null,
  isKnown: (entity: string) => boolean = () => true,
): string[] {
  if (before === null || after === null) return [];
  return [...widenedGrants(before, after, isKnown), ...widenedFields(before, after)];
}

function widenedGrants(before: Document, after: Document, isKnown: (entity: string) => boolean): string[] {
  const [old, now] = [byKey(before.grants), byKey(after.grants)];
  const found: string[] = [];
  for (const entity of new Set([...old.keys(), ...now.keys(), '*'])) {
    if (entity !== '*' && !isKnown(entity)) continue;
    const [was, is] = [old.get(entity) ?? old.get('*') ?? {}, now.get(entity) ?? now.get('*') ?? {}];
    const rights = widenedRights(was, is);
    const at = `/grants${pointerStep(entity)}`;
    if (old.has(entity) && now.has(entity)) found.push(...rights.map((right) => at + pointerStep(right)));
    else if (rights.length > 0) found.push(at);
  }
  return found;
}

function widenedRights(was: Element, is: Element): string[] {
  const wider = Object.keys(ranks).filter((right) => rank(ranks[right], is[right]) > rank(ranks[right], was[right]));
  // A condition adds rows to one's own; beside "all" and "none" it says nothing.
  const isOther = is.read === 'own' && was.read === 'own' && is.readWhen !== undefined && is.readWhen !== was.readWhen;
  return isOther ? [...wider, 'readWhen'] : wider;
}

function widenedFields(before: Document, after: Document): string[] {
  const now = byKey(after.fields);
  return [...byKey(before.fields)]
    .filter(([key, rule]) => {
      const is = now.get(key);
      return (is ? rank(fieldRanks, is.access) : fieldRanks.length - 1) > rank(fieldRanks, rule.access);
    })
    .map(([key]) => `/fields${pointerStep(key)}`);
}

function rank(order: readonly unknown[], value: unknown): number {
  return Math.max(order.indexOf(value), 0);
}

function byKey(list: unknown): Map<string, Element> {
  const elements = (Array.isArray(list) ? list : []).filter(isObject);
  return new Map(elements.map((element) => [elementKey(element) ?? '', element]));
}
