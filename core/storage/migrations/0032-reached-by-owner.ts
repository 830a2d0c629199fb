import type { Migration } from './migration.js';

/**
 * Whether the owner of one record reports to `superior`, holds one of `roles`, is one of the teams or territories of these names, or
 * belongs to one (null: not asked). The same as the conditions of `query/rows`; for a single record a call takes less than setting up
 * the plan of each of them.
 */
export const reachedByOwner: Migration = {
  id: '0032-reached-by-owner',
  up: /* sql */ `
create function trellis.reached_by_owner(owner uuid, superior uuid, roles text[], teams text[], territories text[]) returns boolean
language plpgsql stable as $body$
#variable_conflict use_variable
begin
  if exists (select from trellis.report r where r.superior_id = superior and r.user_id = owner)
    or exists (select from trellis.user_role h where h.user_id = owner and h.role = any(roles)) then
    return true;
  end if;
  if teams is not null and exists (
    select from data.core__team g where g.deleted_at is null and g.name = any(teams)
      and (g.id = owner or exists (select from trellis.team_member h where h.team_id = g.id and h.user_id = owner))) then
    return true;
  end if;
  return territories is not null and exists (
    select from data.core__territory g join trellis.territory_tree w on w.above_id = g.id
    where g.deleted_at is null and g.name = any(territories)
      and (w.territory_id = owner or exists (
        select from data.core__territory_member h where h.territory = w.territory_id and h."user" = owner and h.deleted_at is null)));
end
$body$;
`,
};
