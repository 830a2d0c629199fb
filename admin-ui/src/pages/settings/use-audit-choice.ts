import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { AuditFilter } from '../../api/index.js';
import { dayAfter, startOfDay } from '../../audit/index.js';

const keys = ['kind', 'entity', 'q', 'from', 'to', 'actor', 'record'] as const;
type Choice = Record<(typeof keys)[number], string>;

/** What the page asks for stands in its address, so that it can be sent, and gone back to. */
export function useAuditChoice() {
  const route = useRoute();
  const router = useRouter();
  const choice = computed(
    () => Object.fromEntries(keys.map((key) => [key, textOf(route.query[key])])) as unknown as Choice,
  );
  const filter = computed<AuditFilter>(() => {
    const { from, to, ...rest } = choice.value;
    const given = Object.entries({ ...rest, from: startOfDay(from), to: dayAfter(to) }).filter(([, value]) => value);
    return Object.fromEntries(given) as AuditFilter;
  });

  function change(patch: Partial<Choice>): void {
    const next = Object.entries({ ...choice.value, ...patch }).filter(([, value]) => value !== '');
    void router.replace({ query: Object.fromEntries(next) });
  }

  return { choice, filter, change };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
