import { useI18n } from 'vue-i18n';
import { useCodeText } from '../meta/index.js';
import type { FieldIssue } from './validate.js';

/** Words for a finding: our own where we know its code and all that the sentence needs, else the server's. */
export function useIssueText(): (issue: FieldIssue) => string {
  const { t, te, locale } = useI18n();
  const codeText = useCodeText();
  return (issue) => {
    const key = `form.issues.${issue.code.replace(/^(field|record|value)\./, '')}`;
    if (issue.code === 'server') return issue.message ?? t('form.issues.invalid');
    const isOurs = !issue.code.includes('.');
    if (te(key) && (isOurs || locale.value !== 'en' || !issue.message)) {
      const limit = issue.params?.limit ?? issue.params?.max ?? issue.params?.min;
      const withLimit = `${key}Limit`;
      return limit !== undefined && te(withLimit) ? t(withLimit, { limit: String(limit) }) : t(key);
    }
    return isOurs ? t('form.issues.pattern') : codeText(issue);
  };
}
