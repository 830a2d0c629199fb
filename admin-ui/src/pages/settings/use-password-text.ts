import { useI18n } from 'vue-i18n';
import { ApiProblem } from '../../api/index.js';
import { useProblemText } from '../../meta/index.js';

/** What is told where somebody signed in was asked for the password: a wrong one is that, without a word of the mail address. */
export function usePasswordText(): (error: unknown) => string {
  const { t } = useI18n();
  const problemText = useProblemText();
  return (error) => {
    if (error instanceof ApiProblem && error.code === 'auth.failed') return t('settings.profile.wrongPassword');
    const words = problemText(error);
    return [words.title, words.hint].filter(Boolean).join(' ');
  };
}
