import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { listRecords } from '../api/index.js';
import { locales } from '../i18n/index.js';
import { createRoute, listRoute, recordRoute, useCatalog, useRecent, useSession } from '../meta/index.js';
import { useTheme } from '../ui/index.js';
import type { PaletteItem } from './palette-items.js';
import { groupItems, rankItems } from './palette-items.js';
import { settingsPages } from './settings-pages.js';
import { studioPages } from './studio-pages.js';
import { useLanguage } from './use-language.js';

const waitMs = 180;
const entitiesSearched = 8;
const hitsEach = 4;

/** What the palette offers for what was typed: records of all entities first, then places, things to create, settings. */
export function usePalette(close: () => void) {
  const { t } = useI18n();
  const router = useRouter();
  const catalog = useCatalog();
  const recent = useRecent();
  const session = useSession();
  const theme = useTheme();
  const language = useLanguage();
  const typed = ref('');
  const found = shallowRef<PaletteItem[]>([]);
  const busy = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;

  const act = (run: () => unknown) => () => {
    close();
    void run();
  };
  const go = (to: Parameters<typeof router.push>[0]) => act(() => router.push(to));

  const fixed = computed<PaletteItem[]>(() => [
    ...recent.records.slice(0, 5).map((each) => ({
      id: `r/${each.entity}/${each.id}`,
      group: t('palette.recent'),
      title: each.title,
      hint: catalog.entityOf(each.entity)?.title,
      icon: catalog.entityOf(each.entity)?.icon ?? 'clock',
      run: go(recordRoute(each.entity, each.id)),
    })),
    ...catalog.browsable.map((entity) => ({
      id: `g/${entity.id}`,
      group: t('palette.goTo'),
      title: entity.titlePlural,
      icon: entity.icon,
      run: go(listRoute(entity.id)),
    })),
    ...catalog.browsable
      .filter((entity) => entity.permissions.create)
      .map((entity) => ({
        id: `c/${entity.id}`,
        group: t('palette.create'),
        title: t('palette.createOne', { title: entity.title }),
        icon: 'plus',
        run: go(createRoute(entity.id)),
      })),
    ...settingsPages({
      isAdministrator: session.isAdministrator,
      mayReadAudit: catalog.catalog?.mayReadAudit === true,
    }).map((page) => ({
      id: `s/${page.id}`,
      group: t('settings.title'),
      title: t(`settings.${page.id}.title`),
      icon: page.icon,
      run: go({ name: `settings-${page.id}` }),
    })),
    // What was collected is at the foot of every page of the Studio: far away for the keyboard.
    ...(session.isAdministrator ? [...studioPages, { id: 'review', icon: 'check' }] : []).map((page) => ({
      id: `st/${page.id}`,
      group: t('shell.studio.title'),
      title: t('palette.inStudio', { title: t(`shell.studio.${page.id}`) }),
      icon: page.icon,
      run: go({ name: `studio-${page.id}` }),
    })),
    // Only where one asks for something: a list of all would push the rest out of sight.
    ...(session.isAdministrator && typed.value.trim() !== '' ? catalog.browsable : []).map((entity) => ({
      id: `se/${entity.id}`,
      group: t('shell.studio.title'),
      title: t('palette.inStudio', { title: entity.title }),
      icon: 'wrench',
      run: go({ name: 'studio-entity', params: { entity: entity.id } }),
    })),
    ...locales.map(({ id, title }) => ({
      id: `l/${id}`,
      group: t('palette.actions'),
      title: t('palette.language', { language: title }),
      icon: 'languages',
      run: act(() => language.change(id)),
    })),
    ...(['light', 'dark', 'system'] as const).map((id) => ({
      id: `t/${id}`,
      group: t('palette.actions'),
      title: t('palette.theme', { theme: t(`shell.themes.${id}`) }),
      icon: id === 'dark' ? 'moon' : id === 'light' ? 'sun' : 'monitor',
      run: act(() => theme.setTheme(id)),
    })),
  ]);

  const groups = computed(() => groupItems([...found.value, ...rankItems(fixed.value, typed.value)]));

  watch(typed, (text) => {
    clearTimeout(timer);
    running?.abort();
    busy.value = text.trim() !== '';
    if (!busy.value) found.value = [];
    else timer = setTimeout(() => void find(text.trim()), waitMs);
  });
  onScopeDispose(() => {
    clearTimeout(timer);
    running?.abort();
  });

  async function find(q: string): Promise<void> {
    const mine = (running = new AbortController());
    const entities = catalog.browsable
      .filter((entity) => entity.fields.some((field) => field.searchable))
      .slice(0, entitiesSearched);
    const answers = await Promise.allSettled(
      entities.map(async (entity) => {
        const { data } = await listRecords(
          entity.id,
          { q, limit: hitsEach, fields: ['id', entity.titleField] },
          mine.signal,
        );
        return data.map((record): PaletteItem => ({
          id: `f/${entity.id}/${String(record.id)}`,
          group: t('palette.records'),
          title: catalog.titleOf(entity.id, record),
          hint: entity.title,
          icon: entity.icon,
          run: go(recordRoute(entity.id, String(record.id))),
        }));
      }),
    );
    if (mine.signal.aborted) return;
    found.value = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    busy.value = false;
  }

  return { typed, groups, busy };
}
