import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { useCatalog } from './catalog.js';
import { useSession } from './session.js';

/** What writing a value for people depends on: language, zone, currency. */
export interface FormatEnv {
  locale: string;
  zone?: string;
  currency: string;
}

/** The reader's language and zone, the workspace's currency. */
export function useFormatEnv() {
  const { locale } = useI18n();
  const catalog = useCatalog();
  const session = useSession();
  return computed<FormatEnv>(() => ({
    locale: locale.value,
    zone: session.session?.zone ?? session.user?.zone ?? undefined,
    currency: catalog.catalog?.workspace.currency ?? 'USD',
  }));
}
