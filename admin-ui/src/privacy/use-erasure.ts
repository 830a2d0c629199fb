import { useQueryClient } from '@tanstack/vue-query';
import { nextTick, ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { ErasurePeople, PrivacyRequest } from '../api/index.js';
import { discardPrivacyRequest, keys, planErasure, runErasure } from '../api/index.js';
import { useProblemText } from '../meta/index.js';
import { confirm, toast } from '../ui/index.js';

/** The way of an erasure: a reason, the plan that the server makes, and the order, which is asked for twice. */
export function useErasure(entity: () => string) {
  const { t } = useI18n();
  const router = useRouter();
  const queries = useQueryClient();
  const problemText = useProblemText();
  const reason = ref('');
  /** Something was asked for without a reason. */
  const isReasonMissing = ref(false);
  const problem = ref('');
  const isBusy = ref(false);
  const plan = ref<PrivacyRequest | null>(null);

  /** True where it worked; what went wrong stands in `problem`. */
  async function act(run: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    problem.value = '';
    try {
      await run();
      if (done) toast({ text: done, kind: 'success', action: { label: t('privacy.show'), run: show } });
      return true;
    } catch (error) {
      const words = problemText(error);
      problem.value = [words.title, words.hint].filter(Boolean).join(' ');
      return false;
    } finally {
      isBusy.value = false;
      void queries.invalidateQueries({ queryKey: keys.admin('privacy') });
      void queries.invalidateQueries({ queryKey: keys.entity(entity()) });
    }
  }

  const show = (): void => void router.push('/settings/privacy');

  async function withReason(run: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (reason.value.trim() !== '') return act(run, done);
    problem.value = '';
    // Asked for once more, it goes to the field once more.
    isReasonMissing.value = false;
    await nextTick();
    isReasonMissing.value = true;
    return false;
  }

  const preview = (people: ErasurePeople): Promise<boolean> =>
    withReason(
      async () => (plan.value = await planErasure({ entity: entity(), reason: reason.value.trim(), ...people })),
    );

  /** Back from the plan, which nobody needs any more. */
  function back(): void {
    const planned = plan.value;
    plan.value = null;
    if (planned) void act(() => discardPrivacyRequest(planned.id));
  }

  /** Asks, and orders what was planned; `word` is what must be typed. */
  async function erase(title: string, word: string): Promise<boolean> {
    const planned = plan.value;
    if (!planned) return false;
    const isSure = await confirm({
      title,
      text: t('privacy.erase.text'),
      confirm: t('privacy.erase.confirm'),
      danger: true,
      typeToConfirm: word,
    });
    if (!isSure || !(await act(() => runErasure(planned.id), t('privacy.erase.ordered')))) return false;
    plan.value = null;
    return true;
  }

  return { reason, isReasonMissing, problem, isBusy, plan, act, withReason, preview, back, erase };
}
