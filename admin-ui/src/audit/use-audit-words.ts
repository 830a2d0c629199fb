import { useI18n } from 'vue-i18n';
import type { RouteLocationRaw } from 'vue-router';
import type { AuditRow } from '../api/index.js';
import { recordRoute, useCatalog, useFormatEnv } from '../meta/index.js';
import { formatNumber } from '../widgets/index.js';

/** One detail of an entry. */
export interface Fact {
  key: string;
  label: string;
  text: string;
  links: { text: string; to: RouteLocationRaw }[];
  /** Links that were left out. */
  more: number;
}

const linksAtMost = 20;
/** Details that say most of an entry, in this order. */
const telling = ['email', 'name', 'title', 'kind', 'id', 'reason', 'format'];

/** Lists of ids of which the number says enough. */
const counted = ['added', 'removed', 'gone', 'members'];
/** Ids say nothing to people. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** What entries say, in the reader's words: kinds, one line of each, and its details. */
export function useAuditWords() {
  const { t, te } = useI18n();
  const catalog = useCatalog();
  const env = useFormatEnv();

  /** A kind that nobody has put in words is called as it is. */
  function kindTitle(kind: string): string {
    const key = `audit.kinds.${kind.replaceAll('.', '_')}`;
    return te(key) ? t(key) : kind;
  }

  function fieldTitle(entity: string, key: string): string {
    return catalog.fieldAt(entity, key)?.title ?? key;
  }

  /** The entry in one line. */
  function summaryOf({ payload }: AuditRow): string {
    if (payload === null) return t('audit.erased');
    const entity = typeof payload.entity === 'string' ? payload.entity : null;
    if (entity !== null) {
      const count = Array.isArray(payload.ids) ? payload.ids.length : null;
      const fields = texts(payload.fields).map((key) => fieldTitle(entity, key));
      return [
        catalog.entityOf(entity)?.titlePlural ?? entity,
        typeof payload.operation === 'string' ? wordOf('operations', payload.operation) : '',
        count === null ? '' : t('audit.records', { count: formatNumber(count, env.value) }, count),
        fields.slice(0, 4).join(', ') + (fields.length > 4 ? ' …' : ''),
      ]
        .filter(Boolean)
        .join(' · ');
    }
    const words = telling.flatMap((key) => {
      const value = payload[key];
      return typeof value === 'string' && !uuid.test(value) ? refusalIn(value) : [];
    });
    const counts = counted.flatMap((key) => {
      const value = payload[key];
      return Array.isArray(value) && value.length > 0
        ? t('audit.counted', { what: t(`audit.facts.${key}`), count: formatNumber(value.length, env.value) })
        : [];
    });
    return [...words.slice(0, 2), ...counts].join(' · ');
  }

  function factsOf({ payload }: AuditRow): Fact[] {
    const entity = typeof payload?.entity === 'string' ? payload.entity : null;
    return Object.entries(payload ?? {}).flatMap(([key, value]): Fact[] => {
      if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return [];
      const label = te(`audit.facts.${key}`) ? t(`audit.facts.${key}`) : key;
      const fact = { key, label, text: '', links: [], more: 0 };
      if (key === 'ids' && entity !== null && catalog.entityOf(entity)) {
        const ids = texts(value);
        const links = ids.slice(0, linksAtMost).map((id) => ({ text: id, to: recordRoute(entity, id) }));
        return [{ ...fact, links, more: ids.length - links.length }];
      }
      return [{ ...fact, text: textOf(key, value, entity) }];
    });
  }

  function textOf(key: string, value: unknown, entity: string | null): string {
    if (key === 'entity' && typeof value === 'string') return catalog.entityOf(value)?.titlePlural ?? value;
    if (key === 'fields' && entity !== null)
      return texts(value)
        .map((each) => fieldTitle(entity, each))
        .join(', ');
    if (key === 'operation') return wordOf('operations', String(value));
    if (key === 'reason') return refusalIn(String(value));
    if (key === 'how') return wordOf('ways', String(value));
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
    if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }

  function wordOf(group: 'operations' | 'ways', word: string): string {
    return te(`audit.${group}.${word}`) ? t(`audit.${group}.${word}`) : word;
  }

  /** Why a sign-in was refused is written by the server in its words; any other reason is somebody's own. */
  function refusalIn(reason: string): string {
    const key = `audit.refusals.${reason.replaceAll(' ', '_')}`;
    return /^[a-z ]+$/.test(reason) && te(key) ? t(key) : reason;
  }

  return { kindTitle, summaryOf, factsOf };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
