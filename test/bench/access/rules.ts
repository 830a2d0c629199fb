/** A sharing rule of the bench: as it is published, and by hand in SQL over a person `p`, for counting without Trellis. */
export interface BenchRule {
  readonly access: 'read' | 'edit';
  readonly to: object;
  readonly ownedBy?: { readonly roles?: readonly string[]; readonly teams?: readonly string[] };
  readonly when?: string;
  readonly sql: string;
}

const sellers = { roles: ['x.seller'] };
const regional = { roles: ['x.regional'] };
const readers = { roles: ['x.reader'] };
const front = { teams: ['Front'] };

/** The company of which one rule speaks. */
export const partnerCompany = '5b3e1c1e-0000-4000-8000-00000000c0de';

const ofRole = (role: string): Pick<BenchRule, 'ownedBy' | 'sql'> => ({
  ownedBy: { roles: [role] },
  sql: `p.owner_id in (select user_id from trellis.user_role where role = '${role}')`,
});
const ofTeam = (team: string): Pick<BenchRule, 'ownedBy' | 'sql'> => ({
  ownedBy: { teams: [team] },
  sql: `p.owner_id in (select id from data.core__team where name = '${team}' union select m.user_id from trellis.team_member m join data.core__team g on g.id = m.team_id where g.name = '${team}')`,
});

/**
 * Twenty rules, all of which reach the member: three by the owner's role, five by its team, six by criteria over fields with an index
 * (choice, number, date, mail, link), six over fields without one; six of them for editing.
 */
export const rules: readonly BenchRule[] = [
  { access: 'read', to: sellers, ...ofRole('x.partnerA') },
  { access: 'edit', to: regional, ...ofRole('x.partnerB') },
  { access: 'read', to: { everyone: true }, ...ofRole('x.partnerC') },
  { access: 'read', to: sellers, ...ofTeam('North') },
  { access: 'edit', to: front, ...ofTeam('South') },
  { access: 'read', to: front, ...ofTeam('East') },
  { access: 'read', to: readers, ...ofTeam('West') },
  { access: 'edit', to: regional, ...ofTeam('Field') },
  {
    access: 'read',
    to: sellers,
    when: "status == 'archived' && score >= 99",
    sql: "p.status = 'archived' and p.score >= 99",
  },
  {
    access: 'read',
    to: regional,
    when: "status == 'qualified' && city == 'City 42'",
    sql: "p.status = 'qualified' and p.city = 'City 42'",
  },
  { access: 'edit', to: front, when: 'revenue >= 99980', sql: 'p.revenue >= 99980' },
  {
    access: 'read',
    to: readers,
    when: "birthdate == DATE('1960-05-05')",
    sql: "p.birthdate = date '1960-05-05'",
  },
  {
    access: 'read',
    to: sellers,
    when: "email == 'p777@example.com' || email == 'p70777@example.com'",
    sql: "p.email in ('p777@example.com', 'p70777@example.com')",
  },
  { access: 'read', to: front, when: `company == '${partnerCompany}'`, sql: `p.company = '${partnerCompany}'` },
  {
    access: 'read',
    to: { everyone: true },
    when: "city == 'City 77' && jobTitle == 'Title 77'",
    sql: "p.city = 'City 77' and p.job_title = 'Title 77'",
  },
  {
    access: 'edit',
    to: regional,
    when: "jobTitle == 'Title 123' && optedOut",
    sql: "p.job_title = 'Title 123' and p.opted_out",
  },
  { access: 'read', to: readers, when: "phone == '+12025550042'", sql: "p.phone = '+12025550042'" },
  {
    access: 'read',
    to: sellers,
    when: "city == 'City 311' && jobTitle.startsWith('Title 21')",
    sql: "p.city = 'City 311' and p.job_title like 'Title 21%'",
  },
  {
    access: 'edit',
    to: front,
    when: "city.contains('ty 499') && optedOut",
    sql: "p.city like '%ty 499%' and p.opted_out",
  },
  {
    access: 'read',
    to: regional,
    when: "!optedOut && jobTitle == 'Title 8' && city.endsWith('408')",
    sql: "not coalesce(p.opted_out, false) and p.job_title = 'Title 8' and p.city like '%408'",
  },
];
