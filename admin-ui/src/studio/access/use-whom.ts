import { useQuery } from '@tanstack/vue-query';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { keys, listRecords } from '../../api/index.js';
import type { Whom } from './rule-model.js';
import { useDocuments } from './use-documents.js';

/** Roles and teams that rules may name, and what people call them. */
export function useWhom() {
  const { t, locale } = useI18n();
  const { documents } = useDocuments('role');
  const query = { fields: ['id', 'name'], sort: ['name'], limit: 500 } as const;
  const teams = useQuery({
    queryKey: keys.list('core.team', query),
    queryFn: ({ signal }) => listRecords('core.team', query, signal),
  });
  const roles = computed(() => documents.value.map(({ id, title }) => ({ value: id, title })));
  const teamNames = computed(() => (teams.data.value?.data ?? []).map((team) => String(team.name)));
  const titleOf = (role: string): string => roles.value.find((one) => one.value === role)?.title ?? role;

  /** `Members of North, role Sales`. */
  function wordsOf(whom: Whom): string {
    if (whom.everyone) return t('studio.access.everyone');
    const parts = [
      ...whom.roles.map((role) => t('studio.access.aRole', { title: titleOf(role) })),
      ...whom.teams.map((name) => t('studio.access.aTeam', { name })),
    ];
    return new Intl.ListFormat(locale.value, { type: 'disjunction' }).format(parts);
  }

  return { roles, teamNames, titleOf, wordsOf };
}
