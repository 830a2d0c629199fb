import type { ComputedRef, Ref } from 'vue';
import { computed, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { RecordData } from '../api/index.js';
import type { CatalogEntity, CatalogForm } from '../meta/index.js';
import { useCatalog } from '../meta/index.js';
import { presetFor, relatedLists } from './related-lists.js';
import { ATTACHMENT } from './use-attachments.js';

export interface UseRecordPartsOptions {
  model: Ref<CatalogEntity | undefined>;
  form: Ref<CatalogForm | undefined>;
  record: Ref<RecordData | null>;
  /** The timeline stands beside the tabs instead of among them. */
  isSplit: ComputedRef<boolean>;
}

/** Which parts a record page has: its tabs, its related lists, and the record that is being hung on it. */
export function useRecordParts({ model, form, record, isSplit }: UseRecordPartsOptions) {
  const { t } = useI18n();
  const catalog = useCatalog();
  const tab = ref('details');
  /** Key of the related list that the new record belongs to. */
  const hanging = ref<string | null>(null);

  const lists = computed(() => (model.value ? relatedLists(model.value, form.value, catalog.entityOf) : []));
  const hasFiles = computed(() => catalog.entityOf(ATTACHMENT) !== undefined && model.value?.id !== ATTACHMENT);
  const hasTimeline = computed(() => form.value?.timeline !== false);
  const tabs = computed(() => [
    { id: 'details', title: t('record.tabs.details') },
    ...(lists.value.length > 0 ? [{ id: 'related', title: t('record.tabs.related') }] : []),
    ...(hasTimeline.value && !isSplit.value ? [{ id: 'timeline', title: t('record.tabs.timeline') }] : []),
    ...(hasFiles.value ? [{ id: 'files', title: t('record.tabs.files') }] : []),
  ]);
  const hung = computed(() => {
    const related = model.value?.related.find((one) => one.key === hanging.value);
    const entity = related ? catalog.entityOf(related.entity) : undefined;
    if (!related || !entity || !record.value || !model.value) return null;
    const here = { entity: model.value.id, id: String(record.value.id) };
    return { entity, preset: presetFor(related, { ...here, title: catalog.titleOf(here.entity, record.value) }) };
  });
  watch(isSplit, (split) => split && tab.value === 'timeline' && (tab.value = 'details'));

  /** Another record is shown. */
  function reset(): void {
    tab.value = 'details';
    hanging.value = null;
  }
  return { tab, tabs, lists, hasTimeline, hanging, hung, reset };
}
