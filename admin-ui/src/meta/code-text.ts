import { useI18n } from 'vue-i18n';

/** A finding of the server: its code, its English text, and what the text is made of. */
export interface CodedText {
  code: string;
  message?: string;
  params?: Record<string, unknown>;
}

/**
 * Words for a finding of the server. The server writes English, with all details; any other language says it by the code, with
 * the value in question where it came along, and falls back to the server's text where the code is not known.
 */
export function useCodeText(): (finding: CodedText) => string {
  const { t, te, locale } = useI18n();
  return ({ code, message, params }) => {
    const key = `problem.words.${code.replaceAll('.', '_')}`;
    if (!te(key) || (locale.value === 'en' && message)) return message ?? t('problem.unexpected');
    const text = t(key);
    if (typeof params?.value === 'string' && params.value !== '')
      return t('problem.valued', { value: params.value, text });
    return typeof params?.title === 'string' ? t('problem.fielded', { field: params.title, text }) : text;
  };
}
