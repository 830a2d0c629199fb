import { useQueryClient } from '@tanstack/vue-query';
import { ref } from 'vue';
import { useProblemText } from '../../meta/index.js';
import { toast } from '../../ui/index.js';

/** Runs one thing at a time, tells in a toast if it fails or is done, and asks for the shown data again. Answers whether it worked. */
export function useAct(queryKey: readonly unknown[]) {
  const queries = useQueryClient();
  const problemText = useProblemText();
  const busy = ref(false);

  async function act(run: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    try {
      await run();
      if (done) toast({ text: done, kind: 'success' });
      return true;
    } catch (error) {
      const words = problemText(error);
      toast({ text: [words.title, words.hint].filter(Boolean).join(' '), kind: 'error' });
      return false;
    } finally {
      busy.value = false;
      void queries.invalidateQueries({ queryKey });
    }
  }

  return { busy, act };
}
