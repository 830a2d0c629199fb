import type { Migration } from './migration.js';

/** What formulas need of PostgreSQL: the twin of `fitted` in `core/expression/coercions.ts`. */
export const computed: Migration = {
  id: '0012-computed',
  up: /* sql */ `
-- The number rounded to its places, halves away from zero; null where more than 15 digits stand before the point.
create function trellis.expr_fit(a numeric, places integer) returns numeric language plpgsql immutable strict parallel safe as $$
declare rounded numeric := trim_scale(round(a, places));
begin
  return case when abs(rounded) < 1000000000000000 then rounded end;
end $$;
`,
};
