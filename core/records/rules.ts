import { checkExpression, compileSql, evaluate, type CheckedExpression } from '../expression/index.js';
import { quote, Sql, sqlEnv } from '../query/index.js';
import {
  exprScope,
  followsLinks,
  readsChildren,
  valuesEnv,
  type EntityModel,
  type EntityRule,
} from '../schema/index.js';
import type { Ctx } from '../sdk/index.js';
import type { Draft } from './draft.js';
import type { Write } from './prepare.js';
import { nextOf, valueContext } from './values.js';

interface CheckedRule {
  readonly rule: EntityRule;
  readonly when: CheckedExpression | null;
  readonly check: CheckedExpression;
  /** Reads fields of linked records, rollups or lines, so that it is asked of the database after the write. */
  readonly followsLinks: boolean;
}

const rulesOf = new WeakMap<EntityModel, readonly CheckedRule[]>();

function checkedRules(write: Write<Ctx>): readonly CheckedRule[] {
  let known = rulesOf.get(write.entity);
  if (known) return known;
  const scope = exprScope(write.catalog.schema, write.entity.id);
  known = write.entity.rules.map((rule) => {
    const when = rule.when === undefined ? null : checkExpression(rule.when, scope, { t: 'boolean' });
    const check = checkExpression(rule.check, scope, { t: 'boolean' });
    const paths = [...(when?.paths ?? []), ...check.paths];
    return {
      rule,
      when,
      check,
      followsLinks:
        followsLinks(write.catalog.schema, write.entity.id, paths) ||
        readsChildren(write.catalog.schema, write.entity.id, paths),
    };
  });
  rulesOf.set(write.entity, known);
  return known;
}

/** Evaluates the rules that need only the record itself; a broken one becomes a finding of its draft. */
export async function checkRules(write: Write<Ctx>, drafts: readonly Draft[]): Promise<void> {
  const rules = checkedRules(write).filter((rule) => !rule.followsLinks);
  if (rules.length === 0) return;
  const context = valueContext(write.ctx);
  for (const draft of drafts) {
    if (draft.issues.length > 0) continue;
    const env = valuesEnv(write.catalog.schema, write.entity, nextOf(write, draft), context);
    for (const { rule, when, check } of rules) {
      if ((when === null || evaluate(when, env) === true) && evaluate(check, env) !== true)
        draft.issues.push(ruleIssue(write, rule));
    }
  }
}

/** True where a rule is asked of the database after the write. */
export function hasLinkRules(write: Write<Ctx>): boolean {
  return checkedRules(write).some((rule) => rule.followsLinks);
}

/** Asks the database for rows, just written, that break a rule which follows links. Returns id → broken rules. */
export async function checkLinkRules(
  write: Write,
  ids: readonly string[],
): Promise<Map<string, ReturnType<typeof ruleIssue>[]>> {
  const found = new Map<string, ReturnType<typeof ruleIssue>[]>();
  const rules = checkedRules(write).filter((rule) => rule.followsLinks);
  if (rules.length === 0 || ids.length === 0) return found;
  const system = write.ctx.asSystem('rules');
  const env = write.deps.access.env(system, write.catalog);
  const scope = write.deps.access.read(system, write.catalog, write.entity.id);
  const sql = new Sql();
  const columns = rules.map(({ when, check }, i) => {
    const [condition, test] = [when, check].map((checked) =>
      checked ? compileSql(checked, sqlEnv(sql, env, scope, 't')) : 'true',
    );
    return `(coalesce(${condition}, false) and not coalesce(${test}, false)) as ${quote(`r${i}`)}`;
  });
  const rows = await write.ctx.tx.query(
    `select t.id, ${columns.join(', ')} from ${write.entity.source} t where t.id in (select unnest(${sql.param(ids, 'uuid[]')}))`,
    sql.values,
  );
  for (const row of rows) {
    const broken = rules.filter((_, i) => row[`r${i}`] === true).map(({ rule }) => ruleIssue(write, rule));
    if (broken.length > 0) found.set(row.id as string, broken);
  }
  return found;
}

function ruleIssue(
  write: Write<Ctx>,
  rule: EntityRule,
): { path: string; code: string; message: string; params: Record<string, unknown> } {
  const { locale } = write.ctx;
  const message =
    rule.message[locale] ??
    rule.message[locale.split('-')[0]] ??
    rule.message.en ??
    Object.values(rule.message)[0] ??
    rule.id;
  return { path: rule.field ?? '', code: 'rule.broken', message, params: { rule: rule.id, entity: write.entity.id } };
}
