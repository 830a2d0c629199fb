import { onScopeDispose } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { confirm } from '../ui/index.js';

/** Asks before the page is left while `isDirty()`; the browser asks by itself when the window closes. */
export function useLeaveGuard(isDirty: () => boolean) {
  const { t } = useI18n();
  const router = useRouter();

  const ask = (): Promise<boolean> =>
    confirm({ title: t('form.leave.title'), text: t('form.leave.text'), confirm: t('form.leave.confirm') });
  const onUnload = (event: BeforeUnloadEvent): void => {
    if (isDirty()) event.preventDefault();
  };
  const remove = router.beforeEach(
    async (to, from) => (to.path === from.path && sameQuery(to.query, from.query)) || !isDirty() || (await ask()),
  );
  window.addEventListener('beforeunload', onUnload);
  onScopeDispose(() => {
    remove();
    window.removeEventListener('beforeunload', onUnload);
  });

  /** True if one may go on: nothing was typed, or the user agrees to leave it. */
  const mayLeave = async (): Promise<boolean> => !isDirty() || (await ask());
  return { mayLeave };
}

const sameQuery = (left: object, right: object): boolean => JSON.stringify(left) === JSON.stringify(right);
