import { mixedCurrencies, quoteName } from '../../../schema/index.js';
import { isAmount, rollupNames } from './columns.js';
import type { Contribution } from './contribution.js';

/** SQL of the pieces of a trigger's update for one rollup, the n-th of its function. */
export interface RollupSql {
  /** Columns of the select over contributions (`v<n>`, `c<n>` and the sign `s`), grouped by parent. */
  readonly deltas: readonly string[];
  /** True where something changes for the parent, over the same groups. */
  readonly changed: string;
  /** True where the delta does not suffice and all children must be read, over `q` (the parent) and `d`; null: it always does. */
  readonly needs: string | null;
  /** Columns of the select over all children of one parent, over `v<n>`, `c<n>`. */
  readonly all: readonly string[];
  /** Column → its next value, over `q`, `d` and, where some rollup needs it, `r`. */
  readonly set: readonly (readonly [column: string, sql: string])[];
  /** Column → its value from all children, over `r`. */
  readonly fill: readonly (readonly [column: string, sql: string])[];
}

const mixed = `'${mixedCurrencies}'`;

/** How one rollup follows its children. The state of a parent that is not filled yet is null and stays it. */
export function rollupSql({ field, fn }: Contribution, n: number): RollupSql {
  const names = rollupNames(field);
  const [value, count, sum, currency] = [names.value, names.count, names.sum, names.currency].map(quoteName);
  const [v, c] = [`v${n}`, `c${n}`];
  const counted = `coalesce(sum(s) filter (where ${v} is not null), 0) as n${n}`;
  const summed = `coalesce(sum(s * ${v}), 0) as t${n}`;
  const countAll = `count(${v}) as n${n}`;
  const sumAll = `coalesce(sum(${v}), 0) as t${n}`;
  const moves = [`coalesce(sum(s) filter (where ${v} is not null), 0) <> 0`];
  if (fn === 'count')
    return {
      deltas: [counted],
      changed: moves[0],
      needs: null,
      all: [countAll],
      set: [[value, `q.${value} + d.n${n}`]],
      fill: [[value, `r.n${n}`]],
    };
  const money = isAmount(field);
  const summing = fn === 'sum' || fn === 'avg';
  const extreme = fn === 'min' ? 'min' : 'max';
  const [came, went] = [1, -1].map((sign) => `${extreme}(${v}) filter (where s = ${sign})`);
  if (summing) moves.push(`coalesce(sum(s * ${v}), 0) <> 0`);
  else moves.push(`${came} is distinct from ${went}`);
  const [first, last] = ['min', 'max'].map((edge) => `${edge}(${c})`);
  if (money)
    for (const edge of ['min', 'max'])
      moves.push(`${edge}(${c}) filter (where s = 1) is distinct from ${edge}(${c}) filter (where s = -1)`);
  const needs: string[] = [];
  // Amounts: only while everything is in one currency.
  if (money)
    needs.push(
      `(d.cl${n} is not null and (d.cf${n} <> d.cl${n} or d.cl${n} = ${mixed} or (q.${count} > 0 and q.${currency} is distinct from d.cf${n})))`,
    );
  // The extreme was taken away, and nothing that came reaches it.
  const [beats, lags] = fn === 'min' ? ['<=', '>'] : ['>=', '<'];
  if (!summing) needs.push(`(d.o${n} ${beats} q.${value} and (d.i${n} is null or d.i${n} ${lags} d.o${n}))`);
  const need = needs.length === 0 ? null : `(q.${count} is not null and (${needs.join(' or ')}))`;
  const either = (all: string, delta: string): string =>
    need === null ? delta : `case when ${need} then ${all} else ${delta} end`;
  const unmixed = (sql: string): string =>
    money ? `case when r.n${n} = 0 or (r.cf${n} = r.cl${n} and r.cl${n} <> ${mixed}) then ${sql} end` : sql;
  const newCount = `q.${count} + d.n${n}`;
  const set: [string, string][] = [];
  const fill: [string, string][] = [];
  if (fn !== 'sum' || money) {
    set.push([count, either(`r.n${n}`, newCount)]);
    fill.push([count, `r.n${n}`]);
  }
  if (money) {
    const one = `case when r.n${n} > 0 then case when r.cf${n} = r.cl${n} then r.cf${n} else ${mixed} end end`;
    set.push([currency, either(one, `case when ${newCount} > 0 then coalesce(q.${currency}, d.cf${n}) end`)]);
    fill.push([currency, one]);
  }
  if (fn === 'avg') {
    const mean = (total: string, many: string): string => `trellis.expr_div(${total}, nullif(${many}, 0)::numeric)`;
    set.push([sum, either(unmixed(`r.t${n}`), `q.${sum} + d.t${n}`)]);
    set.push([value, either(unmixed(mean(`r.t${n}`, `r.n${n}`)), mean(`q.${sum} + d.t${n}`, newCount))]);
    fill.push([sum, unmixed(`r.t${n}`)], [value, unmixed(mean(`r.t${n}`, `r.n${n}`))]);
  } else if (fn === 'sum') {
    set.push([value, either(unmixed(`r.t${n}`), `q.${value} + d.t${n}`)]);
    fill.push([value, unmixed(`r.t${n}`)]);
  } else {
    const pick = fn === 'min' ? 'least' : 'greatest';
    const kept = `case when q.${count} is not null then ${pick}(q.${value}, d.i${n}) end`;
    set.push([value, either(unmixed(`r.m${n}`), kept)]);
    fill.push([value, unmixed(`r.m${n}`)]);
  }
  return {
    deltas: [
      counted,
      ...(summing ? [summed] : [`${came} as i${n}`, `${went} as o${n}`]),
      ...(money ? [`${first} as cf${n}`, `${last} as cl${n}`] : []),
    ],
    changed: moves.join(' or '),
    needs: need,
    all: [
      countAll,
      ...(summing ? [sumAll] : [`${extreme}(${v}) as m${n}`]),
      ...(money ? [`${first} as cf${n}`, `${last} as cl${n}`] : []),
    ],
    set,
    fill,
  };
}
