import { conflict, type Issue } from '../base/errors.js';

/** A row of `trellis.catalog_node`: the lasting id of an entity (`field` is '') or of one of its fields. */
export interface CatalogNode {
  readonly id: string;
  readonly entity: string;
  readonly field: string;
  readonly kind: string;
  readonly plugin: string;
  readonly state: 'active' | 'retired' | 'purged';
  /** What a retired field was; null of what is active, of entities, and of what was retired before this was kept. */
  readonly last?: LastField | null;
}

/** A field as it stood when it was retired. */
export interface LastField {
  /** The property as written, with its `x-field`. */
  readonly property: Readonly<Record<string, unknown>>;
  /** Language → title. */
  readonly titles: Readonly<Record<string, string>>;
  /** Roles that could not read it. */
  readonly hiddenFrom: readonly string[];
}

/** A node that the definitions ask for. */
export type WantedNode = Omit<CatalogNode, 'id' | 'state' | 'last'>;

/** Rows to write so that exactly the wanted nodes are active. */
export interface NodePlan {
  /** New nodes, and known ones whose kind, plugin or state changes. */
  readonly upserts: readonly CatalogNode[];
  /** All nodes afterwards. */
  readonly nodes: readonly CatalogNode[];
}

/**
 * Gives new entities and fields an id, brings back those that were retired, retires what nobody defines any longer.
 * Throws catalog.key_reserved where another plugin wants the key of a retired node: its data would become visible under it.
 */
export function planNodes(
  existing: readonly CatalogNode[],
  wanted: readonly WantedNode[],
  newId: (want: WantedNode) => string,
): NodePlan {
  const known = indexNodes(existing);
  const seen = new Set<CatalogNode>();
  const issues: Issue[] = [];
  const upserts: CatalogNode[] = [];
  const nodes: CatalogNode[] = [];
  for (const want of wanted) {
    const node = known.get(want.entity)?.get(want.field);
    if (node) seen.add(node);
    if (node && node.state === 'active' && node.kind === want.kind && node.plugin === want.plugin) {
      nodes.push(node);
      continue;
    }
    if (node && node.state === 'retired' && node.plugin !== want.plugin) issues.push(reserved(want, node));
    const next: CatalogNode = { ...want, id: node?.id ?? newId(want), state: 'active' };
    nodes.push(next);
    upserts.push(next);
  }
  for (const node of existing) {
    if (seen.has(node)) continue;
    const next: CatalogNode = { ...node, state: 'retired' };
    nodes.push(next);
    if (node.state === 'active') upserts.push(next);
  }
  if (issues.length > 0)
    throw conflict('catalog.key_reserved', issues.map((issue) => issue.message).join(' '), { issues });
  return { upserts, nodes };
}

type Indexed<Node> = ReadonlyMap<string, ReadonlyMap<string, Node>>;

const indexes = new WeakMap<object, Indexed<unknown>>();

/** Nodes by entity and field ('' is the entity itself). Made once for a list: there may be tens of thousands. */
export function indexNodes<Node extends Pick<CatalogNode, 'entity' | 'field'>>(nodes: readonly Node[]): Indexed<Node> {
  const known = indexes.get(nodes) as Indexed<Node> | undefined;
  if (known) return known;
  const byEntity = new Map<string, Map<string, Node>>();
  for (const node of nodes) {
    const fields = byEntity.get(node.entity);
    if (fields) fields.set(node.field, node);
    else byEntity.set(node.entity, new Map([[node.field, node]]));
  }
  indexes.set(nodes, byEntity);
  return byEntity;
}

function reserved(want: WantedNode, node: CatalogNode): Issue {
  const path = want.field === '' ? want.entity : `${want.entity}.${want.field}`;
  return {
    path,
    code: 'catalog.key_reserved',
    message: `"${path}" still holds data of the plugin "${node.plugin}"; "${want.plugin}" must choose another key, or the old data must be purged first.`,
  };
}
