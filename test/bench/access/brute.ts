import type { Database } from '../../../core/storage/index.js';
import { rules } from './rules.js';

/** How many persons reach the member, counted by hand: from the superiors that users name, the rules' own SQL, and shares. */
export async function countByHand(db: Database, member: string): Promise<number> {
  const ways = [
    'p.owner_id in (select id from below)',
    'p.owner_id in (select team_id from trellis.team_member where user_id = $1::uuid)',
    `p.id in (select s.record__id from data.core__share s where s.principal = $1::uuid and s.deleted_at is null)`,
    ...rules.map(({ sql }) => sql),
  ];
  const [{ count }] = await db.query<{ count: string }>({
    text: `with recursive below (id) as (select $1::uuid union select u.id from data.core__user u join below b on u.reports_to = b.id)
select count(*) as count from data.bench__person p where p.deleted_at is null and (${ways.map((way) => `(${way})`).join(' or ')})`,
    values: [member],
    replan: true,
  });
  return Number(count);
}
