import { elementKey } from './element-key.js';
import { isObject, sameJson } from './json.js';
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
  const audit = after.audit === true && before.audit !== true ? ['/audit'] : [];
  return [...audit, ...widenedGrants(before, after, isKnown), ...widenedFields(before, after)];
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
  // A condition adds rows to one's own; beside "all" and "none" it says nothing. Where "all" is held at "own", it would.
  const isRead = is.read === 'own' || is.read === 'all';
  const isOther = isRead && was.read === 'own' && is.readWhen !== undefined && is.readWhen !== was.readWhen;
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

/**
 * Places at which a definition of any type lets more be reached than it did. Rules and default visibilities of entities that have no
 * data yet widen nothing. A sharing rule that comes, and a restriction rule that goes, count as a whole (``), and so does one that turns to
 * another entity. A field that newly tells everybody what it is computed from counts as well.
 */
export function widenedDefinition(
  type: string,
  before: Document | null,
  after: Document | null,
  isKnown: (entity: string) => boolean = () => true,
): string[] {
  if (type === 'role') return widenedAccess(before, after, isKnown);
  // What is shared is so by the new text, what is restricted was so by the old one.
  const ofRule = type === 'sharing-rule' ? (after ?? before) : (before ?? after);
  const entity = type === 'entity' ? (after?.$id ?? before?.$id) : ofRule?.entity;
  if (!isKnown(String(entity))) return [];
  if (type === 'entity') return before && after ? widenedEntity(before, after) : [];
  const isTurned = before !== null && after !== null && before.entity !== after.entity;
  if (type === 'sharing-rule') return widenedSharing(isTurned ? null : isOn(before), isOn(after));
  if (type === 'restriction-rule') return widenedRestriction(isOn(before), isTurned ? null : isOn(after));
  return [];
}

function widenedEntity(before: Document, after: Document): string[] {
  const told = Object.keys(propertiesOf(after)).filter((key) => {
    const [was, is] = [before, after].map((document) => propertiesOf(document)[key]?.['x-field'] ?? {});
    if (is.systemComputed !== true) return false;
    return was.systemComputed !== true || computedOf.some((part) => !sameJson(was[part], is[part]));
  });
  return [
    ...(isWiderDefault(before, after) ? ['/x-entity/access'] : []),
    ...told.map((key) => `/properties${pointerStep(key)}/x-field/systemComputed`),
  ];
}

/** What a computed field is computed from. */
const computedOf = ['kind', 'expression', 'of', 'fn', 'field', 'filter'] as const;

function propertiesOf(document: Document): Readonly<Record<string, { readonly 'x-field'?: Element } | undefined>> {
  return (isObject(document.properties) ? document.properties : {}) as ReturnType<typeof propertiesOf>;
}

function isOn(document: Document | null): Document | null {
  return document?.off === true ? null : document;
}

function widenedSharing(before: Document | null, after: Document | null): string[] {
  if (after === null) return [];
  if (before === null) return [''];
  const found = before.access === 'read' && after.access === 'edit' ? ['/access'] : [];
  for (const key of ['to', 'ownedBy']) if (hasMore(before[key], after[key])) found.push(`/${key}`);
  if (after.when !== before.when) found.push('/when');
  if (before.until !== undefined && endOf(after) > endOf(before)) found.push('/until');
  // One of the two ways to say which records goes with the other.
  const isTurned = (before.when === undefined) !== (after.when === undefined);
  return isTurned ? [...new Set([...found, '/ownedBy', '/when'])] : found;
}

function endOf({ until }: Document): number {
  return until === undefined ? Infinity : Date.parse(String(until));
}

function widenedRestriction(before: Document | null, after: Document | null): string[] {
  if (before === null) return [];
  if (after === null) return [''];
  const found = after.when === before.when ? [] : ['/when'];
  const [was, is] = [before.roles, after.roles].map((roles) => (Array.isArray(roles) ? roles : null));
  const isFewer = is !== null && (was === null || was.some((role) => !is.includes(role)));
  // What held for everyone held not for administrators; what names roles holds for them.
  return isFewer || (is === null && was?.includes('core.administrator')) ? [...found, '/roles'] : found;
}

function hasMore(before: unknown, after: unknown): boolean {
  if (!isObject(after)) return false;
  const was = isObject(before) ? before : {};
  return Object.entries(after).some(([key, value]) => {
    const known = was[key];
    return Array.isArray(value) ? value.some((one) => !(Array.isArray(known) && known.includes(one))) : value !== known;
  });
}

function isWiderDefault(before: Document, after: Document): boolean {
  const of = (document: Document): Element => {
    const x = document['x-entity'];
    return isObject(x) && isObject(x.access) ? x.access : {};
  };
  const [was, is] = [of(before), of(after)];
  const order = ['private', 'read', 'edit'];
  const [from, to] = [was.default ?? 'private', is.default ?? 'private'];
  if (from === to && to === 'parent') return was.parent !== is.parent;
  if (to === 'parent') return from !== 'edit';
  if (from === 'parent') return to !== 'private';
  return order.indexOf(String(to)) > order.indexOf(String(from));
}
