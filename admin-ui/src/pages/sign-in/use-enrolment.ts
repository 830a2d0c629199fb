import { ref, shallowRef } from 'vue';
import { beginTotp, confirmTotp } from '../../api/index.js';
import { useProblemText } from '../../meta/index.js';

/** The way to codes of an app: a secret, the first code, the recovery codes. `begin` needs the password again. */
export function useEnrolment() {
  const problemText = useProblemText();
  const secret = shallowRef<{ secret: string; uri: string } | null>(null);
  const codes = shallowRef<string[] | null>(null);
  const code = ref('');
  const failure = ref('');
  const busy = ref(false);

  async function attempt(run: () => Promise<void>): Promise<boolean> {
    failure.value = '';
    busy.value = true;
    try {
      await run();
      return true;
    } catch (error) {
      const words = problemText(error);
      failure.value = [words.title, words.hint].filter(Boolean).join(' ');
      return false;
    } finally {
      busy.value = false;
    }
  }

  const begin = (password: string) => attempt(async () => void (secret.value = await beginTotp(password)));
  const confirm = () => attempt(async () => void (codes.value = await confirmTotp(code.value)));

  function reset(): void {
    secret.value = codes.value = null;
    code.value = failure.value = '';
  }

  return { secret, codes, code, failure, busy, begin, confirm, reset };
}
