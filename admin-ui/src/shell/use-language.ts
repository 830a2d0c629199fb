import { useQueryClient } from '@tanstack/vue-query';
import type { LocaleId } from '../i18n/index.js';
import { setLocale } from '../i18n/index.js';
import { useCatalog, useSession } from '../meta/index.js';

/**
 * Switches the language of the admin and of the definitions, at run time, without losing the page; the server keeps it for the
 * user's other machines.
 */
export function useLanguage() {
  const catalog = useCatalog();
  const session = useSession();
  const queries = useQueryClient();
  return {
    async change(locale: LocaleId): Promise<void> {
      await setLocale(locale, true);
      await catalog.load(locale);
      await queries.invalidateQueries();
      // Whoever acts as somebody reads in another language without choosing it for that user.
      if (!session.session?.impersonation) await session.prefer({ locale });
    },
  };
}
