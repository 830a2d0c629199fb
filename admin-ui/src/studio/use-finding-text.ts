import { useI18n } from 'vue-i18n';
import { useNames } from './use-names.js';
import { usePlaceWords } from './use-place-words.js';

/** A finding of a plan as the server tells it. */
export interface Finding {
  code: string;
  message: string;
  params?: Record<string, unknown>;
}

/** A finding in words; `detail` is the server's own English, where the words say less than it does. */
export interface FindingText {
  text: string;
  detail?: string;
}

/**
 * Words for what a plan warns of or refuses: English as the server writes it; any other language by the code and what it names,
 * with the server's words below where the code alone does not say all.
 */
export function useFindingText(): (finding: Finding) => FindingText {
  const { t, te, n, locale } = useI18n();
  const names = useNames();
  const words = usePlaceWords();

  /** How many records; a string of words, since some plans cannot count. */
  function rowsOf({ rows, atMost }: Record<string, unknown>): string {
    if (typeof rows !== 'number') return t('studio.plan.rowsUnknown');
    const most = typeof atMost === 'number' && rows > atMost;
    return most ? t('studio.plan.rowsOver', { n: n(atMost) }) : t('studio.plan.rows', { n: n(rows) }, rows);
  }
  function placeOf({ entity, field }: Record<string, unknown>): string {
    if (typeof entity !== 'string') return '';
    const title = names.definition('entity', entity);
    return typeof field === 'string' && field !== '' ? `${title} · ${names.field(entity, field)}` : title;
  }

  /** Whose access widens, and where in it, by what people call both. */
  function widened({ type, id, where }: Record<string, unknown>): FindingText {
    const of = [String(type), String(id)] as const;
    const places = String(where)
      .split(/[ (),]+/)
      .filter((at) => at.startsWith('/'))
      .map((at) => words(...of, at).join(' › '));
    const at = places.length === 0 ? '' : t('studio.plan.widenedAt', { places: places.join(', ') });
    return { text: t('problem.words.catalog_access_widened', { id: names.definition(...of), where: at }) };
  }

  return ({ code, message, params }) => {
    if (code === 'catalog.access_widened' && params) return widened(params);
    const key = `problem.words.${code.replaceAll('.', '_')}`;
    if (locale.value === 'en' || !te(key)) return { text: message };
    if (!params) return { text: t(key), detail: message };
    const options = Array.isArray(params.options) ? params.options.join(', ') : '';
    const text = t(key, { ...params, options, rows: rowsOf(params) });
    const field = placeOf(params);
    return { text: field === '' ? text : t('problem.fielded', { field, text }) };
  };
}
