import { useQueryClient } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Json, RecordData } from '../api/index.js';
import { ApiProblem, bulkRecords, getRecord, keys, updateRecord } from '../api/index.js';
import type { CatalogField } from '../meta/index.js';
import { useCodeText, useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';
import { written } from '../widgets/index.js';
import { patchCachedRows } from './row-cache.js';

export interface CellChange {
  record: RecordData;
  field: CatalogField;
  value: unknown;
  /** Sibling fields that changed along, e.g. a currency. */
  patch?: Record<string, unknown>;
  /** Shows a refusal where the value was typed; false where that place is gone, so that it is told aside. */
  refused?: (reason: string) => boolean;
}

/** Writes cells: shows the change at once, takes it back if the server refuses, and offers to undo it. */
export function useInlineEdit(entity: Ref<string>) {
  const queries = useQueryClient();
  const problemText = useProblemText();
  const codeText = useCodeText();
  const { t } = useI18n();

  async function change({ record, field, value, patch = {}, refused }: CellChange, isUndo = false): Promise<void> {
    const id = String(record.id);
    const before = {
      [field.key]: record[field.key] ?? null,
      ...Object.fromEntries(Object.keys(patch).map((key) => [key, record[key] ?? null])),
    };
    const shown = { [field.key]: value as Json, ...(patch as RecordData) };
    show(id, shown);
    try {
      const answer = await updateRecord(
        entity.value,
        id,
        { [field.key]: written(field, value) as Json, ...(patch as RecordData) },
        Number(record.version) || undefined,
      );
      show(id, rowPart(answer, record));
      settle();
      if (isUndo) return;
      const undo = () =>
        void change(
          {
            record: { ...record, ...shown, version: answer.version ?? null },
            field,
            value: before[field.key],
            patch: without(before, field.key),
          },
          true,
        );
      toast({
        text: t('list.changed', { field: field.title }),
        kind: 'success',
        action: { label: t('common.undo'), run: undo },
      });
    } catch (error) {
      show(id, before);
      await explain(error, record, { record, field, value, patch, refused });
    }
  }

  /** Someone else was quicker: shows theirs, and offers to lay ours over it. */
  async function explain(error: unknown, record: RecordData, mine: CellChange): Promise<void> {
    if (error instanceof ApiProblem && error.status === 412) {
      const fresh = await getRecord(entity.value, String(record.id)).catch(() => null);
      if (fresh !== null) {
        show(String(record.id), rowPart(fresh, record));
        const again = () => void change({ ...mine, record: { ...record, ...rowPart(fresh, record) } });
        toast({ text: t('list.stale'), kind: 'error', action: { label: t('list.applyMine'), run: again } });
        return;
      }
    }
    const issue = error instanceof ApiProblem ? error.issues[0] : undefined;
    const words = problemText(error);
    const reason = (issue ? codeText(issue) : words.title).replace(`${mine.field.title}: `, '');
    // Typing it all again for one wrong letter would be a punishment.
    if (issue && mine.refused?.(reason)) return;
    toast({ text: t('list.notChanged', { field: mine.field.title, reason }), kind: 'error' });
  }

  /** Writes many rows, good ones even if others are refused; tells how many. `undo` rows put back what was. */
  async function changeMany(
    rows: { id: string; values: RecordData; before: RecordData; shown: RecordData }[],
  ): Promise<number> {
    patchCachedRows(queries, entity.value, new Map(rows.map((row) => [row.id, row.shown])));
    const results = await bulkRecords(
      entity.value,
      'update',
      rows.map((row) => ({ id: row.id, ...row.values })),
    ).catch((error: unknown) => {
      patchCachedRows(queries, entity.value, new Map(rows.map((row) => [row.id, row.before])));
      throw error;
    });
    const refused = new Map(
      results.flatMap((result) =>
        result.status === 'refused'
          ? [[rows[result.row]?.id ?? '', result.issues[0] ? codeText(result.issues[0]) : ''] as const]
          : [],
      ),
    );
    patchCachedRows(
      queries,
      entity.value,
      new Map(rows.filter((row) => refused.has(row.id)).map((row) => [row.id, row.before])),
    );
    settle();
    if (refused.size > 0)
      toast({
        text: t('list.someRefused', { count: refused.size, reason: [...refused.values()][0] ?? '' }),
        kind: 'error',
      });
    return rows.length - refused.size;
  }

  function show(id: string, values: RecordData): void {
    patchCachedRows(queries, entity.value, new Map([[id, values]]));
  }

  /** Totals, counts and open records may show the changed values too. The rows themselves are already right. */
  function settle(): void {
    void queries.invalidateQueries({ queryKey: [...keys.lists(entity.value), 'aggregate'] });
    void queries.invalidateQueries({ queryKey: ['records', entity.value, 'one'] });
  }

  return { change, changeMany };
}

/** Of the server's answer, what a row shows; paths over links keep their deeper fields. */
function rowPart(answer: RecordData, row: RecordData): RecordData {
  const shared = Object.keys(row).filter((key) => key in answer && !hasDeeper(row[key], answer[key]));
  return Object.fromEntries(shared.map((key) => [key, answer[key] as Json]));
}

function hasDeeper(mine: unknown, theirs: unknown): boolean {
  if (typeof mine !== 'object' || mine === null || typeof theirs !== 'object' || theirs === null) return false;
  return (
    (mine as { id?: unknown }).id === (theirs as { id?: unknown }).id &&
    Object.keys(mine).length > Object.keys(theirs).length
  );
}

function without(record: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
}
