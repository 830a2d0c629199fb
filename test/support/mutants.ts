/** A check of the product that is taken out to see the non-interference suite go red. */
export interface Mutant {
  /** What is no longer checked. */
  readonly check: string;
  /** File of the product. */
  readonly file: string;
  /** Text that stands there once, and what takes its place. */
  readonly from: string;
  readonly to: string;
  /** Actors of the suite that are enough to see it. */
  readonly actors: readonly string[];
}

const withoutCipher = 'without vault.item.cipher';
const ownItems = 'own vault.item';
const ownBoxes = 'own vault.box';
const ownLines = 'own shop.order';

/** One for each place where access is decided or used. */
export const mutants: readonly Mutant[] = [
  {
    check: 'rows: the predicate of a scope',
    file: 'core/query/rows.ts',
    from: `  if (rows.kind === 'all') return 'true';`,
    to: `  if (rows.kind !== 'none') return 'true';`,
    actors: [ownItems],
  },
  {
    check: 'rows: the condition of a role',
    file: 'core/query/rows.ts',
    from: 'if (kept !== null) return ending(sql, env, rows.until, kept);',
    to: 'if (kept !== null) return `(true or ${kept})`;',
    actors: ['own vault.item and some'],
  },
  {
    check: 'fields: named in a question',
    file: 'core/query/member.ts',
    from: 'const field = scope.fields.has(key) ? scope.entity.fields.get(key) : undefined;',
    to: 'const field = scope.entity.fields.get(key);',
    actors: [withoutCipher],
  },
  {
    check: 'fields: all of a record',
    file: 'core/query/select.ts',
    from: '.filter((field) => scope.fields.has(field.key) && !field.retired',
    to: '.filter((field) => !field.retired',
    actors: [withoutCipher],
  },
  {
    check: 'fields: names in an expression',
    file: 'core/query/member.ts',
    from: `.filter((field) => !field.retired && (scope?.fields.has(field.key) ?? field.key === 'id'))`,
    to: `.filter((field) => !field.retired)`,
    actors: [withoutCipher],
  },
  {
    check: 'fields: names that are suggested',
    file: 'core/query/member.ts',
    from: 'has no field "${key}".${didYouMean(key, scope.fields.keys())}',
    to: 'has no field "${key}".${didYouMean(key, scope.entity.fields.keys())}',
    actors: [withoutCipher],
  },
  {
    check: 'links: records that they lead to',
    file: 'core/query/select.ts',
    from: 'where ${alias}.id = ${idSql}${liveAndVisible(sql, env, scope, alias)}) ${row})`',
    to: 'where ${alias}.id = ${idSql} and ${alias}.deleted_at is null) ${row})`',
    actors: [ownBoxes],
  },
  {
    check: 'links: the title of a hidden field',
    file: 'core/query/select.ts',
    from: 'field && scope.fields.has(field.key) ? field.kind.select(field, alias)',
    to: 'field && scope.fields.size > 0 ? field.kind.select(field, alias)',
    actors: ['without vault.box.name'],
  },
  {
    check: 'links: in filters, sorts and groups',
    file: 'core/query/member.ts',
    from: 'where ${alias}.id = ${idSql}${liveAndVisible(sql, env, scope, alias)})`',
    to: 'where ${alias}.id = ${idSql} and ${alias}.deleted_at is null)`',
    actors: [ownBoxes],
  },
  {
    check: 'links: groups and different values of hidden ones',
    file: 'core/query/aggregate.ts',
    from: `return field.kind.relation === 'one' && env.scopeOf(field.to[0])?.rows.kind !== 'all';`,
    to: `return field.key === '' && env.me === null;`,
    actors: [ownBoxes],
  },
  {
    check: 'search: columns',
    file: 'core/query/search.ts',
    from: 'const readable = searchExpression(entity, alias, { has: (key) => fields.has(key) && !isMasked(scope, key) });',
    to: 'const readable = fields.size > 0 ? searchExpression(entity, alias) : null;',
    actors: [withoutCipher],
  },
  {
    check: 'sort: by a link to what cannot be read',
    file: 'core/query/sort.ts',
    from: 'if (!target) return {',
    to: 'if (!target) return { sql: `${alias}.${link.key}`, type: "uuid", descending, nullable: true } || {',
    actors: ['no vault.safe'],
  },
  {
    check: 'aggregate: rows',
    file: 'core/query/aggregate.ts',
    from: 'const where = whereVisible(sql, env, scope, listConditions(sql, env, scope, query));',
    to: "const where = listConditions(sql, env, scope, query).join(' and ');",
    actors: [ownItems],
  },
  {
    check: 'count: rows',
    file: 'core/query/read.ts',
    from: "const owned = rows?.by === 'owners' ? ownerPredicate(sql, rows.principals, 't') : null;",
    to: "const owned = rows?.by === 'owners' ? 'true' : ownerPredicate(sql, [], 't');",
    actors: [ownItems],
  },
  {
    check: 'count: the estimate of a table',
    file: 'core/query/read.ts',
    from: "scope.rows.kind === 'all' &&",
    to: "scope.rows.kind !== 'none' &&",
    actors: [ownItems],
  },
  {
    check: 'lines: rows',
    file: 'core/query/member.ts',
    from: 'where ${column} = ${alias}.id${liveAndVisible(sql, env, scope, x)}`',
    to: 'where ${column} = ${alias}.id and ${x}.deleted_at is null`',
    actors: ['own shop.orderLine and some'],
  },
  {
    check: 'rollups: rows',
    file: 'core/query/member.ts',
    from: "if (child?.rows.kind !== 'all') return false;",
    to: 'if (!child) return false;',
    actors: [ownLines],
  },
  {
    check: 'formulas and rollups: inputs',
    file: 'core/access/computed-fields.ts',
    from: 'if (computed.length === 0) return grant;',
    to: 'if (computed.length >= 0) return grant;',
    actors: ['without shop.order.amount'],
  },
  {
    check: 'history: fields',
    file: 'core/records/history.ts',
    from: '.filter((field) => allowed.has(field.key) && !field.rollup?.isCurrency)',
    to: '.filter((field) => allowed.size > 0 && !field.rollup?.isCurrency)',
    actors: [withoutCipher],
  },
  {
    check: 'history: where links led',
    file: 'core/records/history.ts',
    from: 'return target && !visible.get(target.entity)?.has(target.id) ? null : value;',
    to: 'return target && visible.size < 0 ? null : value;',
    actors: [ownBoxes],
  },
  {
    check: 'as of: rows',
    file: 'core/records/past-rows.ts',
    from: 'rowPredicate(sql, env, scope, \'t\')}) as "isSeen"`',
    to: "rowPredicate(sql, env, scope, 't') && 'true'}) as \"isSeen\"`",
    actors: [ownItems],
  },
  {
    check: 'writes: hidden rows are none',
    file: 'core/records/lock.ts',
    from: '(${readable}) as readable, (${writable}) as writable',
    to: '(true or ${readable}) as readable, (true or ${writable}) as writable',
    actors: [ownItems],
  },
  {
    check: 'writes: hidden fields are none',
    file: 'core/records/prepare.ts',
    from: 'if (access === undefined || entity.fields.get(key)?.retired) {',
    to: 'if (access === undefined && entity.fields.get(key) === undefined) {',
    actors: [withoutCipher],
  },
  {
    check: 'writes: links to hidden records',
    file: 'core/records/insert.ts',
    from: "and ${alias}.deleted_at is null${predicate === 'true' ? '' : ` and ${predicate}`})`",
    to: 'and ${alias}.deleted_at is null and (true or ${predicate}))`',
    actors: [ownBoxes],
  },
  {
    check: 'import: records found by a title',
    file: 'core/exchange/links/lookup.ts',
    from: 'and t.deleted_at is null and ${predicate}`',
    to: 'and t.deleted_at is null and (true or ${predicate})`',
    actors: [ownBoxes],
  },
  {
    check: 'files: the record that one belongs to',
    file: 'core/files/create-files.ts',
    from: 'if (owner !== null) await found(',
    to: "if (owner?.id === '') await found(",
    actors: [ownItems],
  },
  {
    check: 'events: rows',
    file: 'core/http/events/readable-ids.ts',
    from: "if (rows.kind === 'all') return ids;",
    to: "if (rows.kind !== 'none') return ids;",
    actors: [ownItems],
  },
  {
    check: 'catalog and OpenAPI: fields',
    file: 'core/http/catalog/readable.ts',
    from: 'if (level !== undefined && !field.retired) fields.set(field.key, { model: field, access: level });',
    to: "if (!field.retired) fields.set(field.key, { model: field, access: level ?? 'read' });",
    actors: [withoutCipher],
  },
  {
    check: 'entities: whole ones',
    file: 'core/access/access.ts',
    from: "if (grant.read === 'none') return null;",
    to: 'if (grant.roles === undefined) return null;',
    actors: ['no vault.safe'],
  },
  {
    check: 'masks: of a value',
    file: 'core/query/visible.ts',
    from: 'const mask = maskOf(field, value, column.type);',
    to: 'const mask = maskOf(field, value, column.type) && value;',
    actors: ['masked vault.item'],
  },
  {
    check: 'history: fields that a row shows as a mask or not',
    file: 'core/records/history.ts',
    from: '([, { key }]) => !veiledKeys(scope).includes(key) ||',
    to: "([, { key }]) => key !== '' ||",
    actors: ['masked vault.item'],
  },
  {
    check: 'fields: of rows that another role shows',
    file: 'core/query/visible.ts',
    from: 'cases.push(`when ${reached(veiled.shown)} then ${value}`);',
    to: 'cases.push(`when ${reached(veiled.shown)} or true then ${value}`);',
    actors: ['partly vault.item'],
  },
  {
    check: 'shares: the instant at which one ends',
    file: 'core/query/rows.ts',
    from: '(${column(until)} is null or ${column(until)} > now())',
    to: '(${column(until)} is null or ${column(until)} is not null)',
    actors: ['shared vault.item'],
  },
  {
    check: 'hierarchy: who reports to whom',
    file: 'core/query/rows.ts',
    from: 'and r.user_id = ${alias}.owner_id)`;',
    to: 'and (true or r.user_id = ${alias}.owner_id))`;',
    actors: ['above vault.item'],
  },
  {
    check: 'restriction rules',
    file: 'core/query/rows.ts',
    from: 'return rows.only.map(({ expression }) => {',
    to: 'return rows.only.slice(rows.only.length).map(({ expression }) => {',
    actors: ['limited vault.item'],
  },
  {
    check: 'sharing rules: to whom',
    file: 'core/access/reach.ts',
    from: "(level === 'edit' && rule.access !== 'edit') || !isFor(rule.to, actor))",
    to: "(level === 'edit' && rule.access !== 'edit') || (isFor(rule.to, actor) && rule.off))",
    actors: ['own vault.item', 'ruled vault.item'],
  },
  {
    check: 'API keys: what they are narrowed to',
    file: 'core/access/access.ts',
    from: "if (!entity || !scopeAllows(actor, id, 'read')) return null;",
    to: 'if (!entity) return null;',
    actors: ['key without vault.box'],
  },
  {
    check: 'acting as a user: its rights',
    file: 'core/identity/actors.ts',
    from: 'actor: { ...toActor(row), credential',
    to: "actor: { ...toActor(row), ...(actedBy ? { roles: ['core.administrator'] } : {}), credential",
    actors: ['acting vault.item'],
  },
];
