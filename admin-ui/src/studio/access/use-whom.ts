import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { keys, listAll } from '../../api/index.js';
import type { Whom } from './rule-model.js';
import { useDocuments } from './use-documents.js';

/** Roles, teams and territories that rules may name, and what people call them. */
export function useWhom() {
  const { t, locale } = useI18n();
  const { documents, isLoading } = useDocuments('role');
  const teams = useNames('core.team');
  const territories = useNames('core.territory');
  const roles = computed(() => documents.value.map(({ id, title }) => ({ value: id, title })));
  const teamNames = computed(() => teams.data.value ?? []);
  const territoryNames = computed(() => territories.data.value ?? []);
  const titleOf = (role: string): string => roles.value.find((one) => one.value === role)?.title ?? role;

  /** `Members of North, role Sales`. */
  function wordsOf(whom: Whom): string {
    return whom.everyone ? t('studio.access.everyone') : inWords(whom);
  }

  /** Those of them that are not there, in words; '' where all are, or where that is not known yet. */
  function strangersOf(whom: Whom): string {
    const isKnown = !isLoading.value && teams.data.value !== undefined && territories.data.value !== undefined;
    if (!isKnown || whom.everyone) return '';
    return inWords({
      roles: whom.roles.filter((role) => !roles.value.some((one) => one.value === role)),
      teams: whom.teams.filter((name) => !teamNames.value.includes(name)),
      territories: whom.territories.filter((name) => !territoryNames.value.includes(name)),
    });
  }

  function inWords(whom: Pick<Whom, 'roles' | 'teams' | 'territories'>): string {
    const parts = [
      ...whom.roles.map((role) => t('studio.access.aRole', { title: titleOf(role) })),
      ...whom.teams.map((name) => t('studio.access.aTeam', { name })),
      ...whom.territories.map((name) => t('studio.access.aTerritory', { name })),
    ];
    return new Intl.ListFormat(locale.value, { type: 'disjunction' }).format(parts);
  }

  return { roles, teamNames, territoryNames, titleOf, wordsOf, strangersOf };
}

function useNames(entity: string) {
  const query = { fields: ['id', 'name'], sort: ['name'] } as const;
  return useQuery({
    queryKey: [...keys.list(entity, query), 'names'],
    queryFn: async ({ signal }) => (await listAll(entity, query, signal)).map((row) => String(row.name)),
  });
}
