import { useI18n } from 'vue-i18n';
import { ApiProblem } from '../api/index.js';

export interface ProblemText {
  title: string;
  text?: string;
  hint?: string;
}

/** Words for an error, in the reader's language where we know the code, else the server's own. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { t, te } = useI18n();
  return (error) => {
    if (!(error instanceof ApiProblem))
      return { title: t('problem.unexpected'), text: error instanceof Error ? error.message : undefined };
    const key = `problem.codes.${error.code.replaceAll('.', '_')}`;
    if (te(key)) return { title: t(key), hint: error.hint };
    // An expression's fault is followed by lines that point into its text; the first line says it.
    return { title: error.detail.split('\n')[0] ?? error.detail, hint: error.hint };
  };
}
