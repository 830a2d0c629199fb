/** What is a principal, which owns records and is shared with: each has a `core.principal` under the same id. */
export const principalEntities: readonly string[] = ['core.user', 'core.team', 'core.territory'];

/** By these people come to be, sign in and belong to teams and territories: who writes them decides over access. */
export const identityEntities: ReadonlySet<string> = new Set([
  'core.principal',
  ...principalEntities,
  'core.teamMember',
  'core.territoryMember',
]);
