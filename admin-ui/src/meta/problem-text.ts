import { useI18n } from 'vue-i18n';
import { ApiProblem } from '../api/index.js';
import { useCodeText } from './code-text.js';

export interface ProblemText {
  title: string;
  text?: string;
  hint?: string;
}

/** Words for an error, in the reader's language where we know the code, else the server's own. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { t, te, locale } = useI18n();
  const codeText = useCodeText();
  return (error) => {
    if (!(error instanceof ApiProblem))
      return { title: t('problem.unexpected'), text: error instanceof Error ? error.message : undefined };
    // Hints come in English only; a foreign sentence under one's own helps few.
    const hint = locale.value === 'en' ? error.hint : undefined;
    const key = `problem.codes.${error.code.replaceAll('.', '_')}`;
    if (te(key)) return { title: t(key), hint };
    // An expression's fault is followed by lines that point into its text; the first line says it.
    const message = error.detail.split('\n')[0] ?? error.detail;
    return { title: codeText({ code: error.code, message }), hint };
  };
}
