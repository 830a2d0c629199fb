import type { Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { Json, RecordData } from '../api/index.js';
import { useFormatEnv, useProblemText } from '../meta/index.js';
import { toast } from '../ui/index.js';
import { written } from '../widgets/index.js';
import { cellText, fromText } from './cell-text.js';
import { fromTsv, toTsv } from './clipboard.js';
import type { ListLine } from './groups.js';
import { valueAt } from './list-state.js';
import type { GridColumn } from './use-columns.js';
import type { useGrid } from './use-grid.js';
import type { useInlineEdit } from './use-inline-edit.js';

interface Copied {
  text: string;
  kinds: string[];
  values: unknown[][];
}

/** What was copied last in this window: pasting the same text again can use the values themselves (links, files). */
let copied: Copied | null = null;

/** Copies the range of cells as a table of text, and pastes one over the cells from the active one on. */
export function useClipboard(
  lines: Ref<ListLine[]>,
  columns: Ref<GridColumn[]>,
  grid: () => ReturnType<typeof useGrid>,
  edit: ReturnType<typeof useInlineEdit>,
) {
  const env = useFormatEnv();
  const { t } = useI18n();
  const problemText = useProblemText();

  async function copy(): Promise<void> {
    const { top, bottom, start, end } = grid().range.value;
    const chosen = columns.value.slice(start, end + 1);
    const records = lines.value.slice(top, bottom + 1).flatMap((line) => (line.kind === 'row' ? [line.record] : []));
    const values = records.map((record) => chosen.map((column) => valueAt(record, column.path)));
    const text = toTsv(
      values.map((row) => row.map((value, index) => cellText((chosen[index] as GridColumn).field, value, env.value))),
    );
    copied = { text, kinds: chosen.map((column) => column.field.kind), values };
    await navigator.clipboard.writeText(text).catch(() => undefined);
    toast({ text: t('list.copied', { count: records.length * chosen.length }), timeoutMs: 2000 });
  }

  async function paste(event: ClipboardEvent): Promise<void> {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text === '' || grid().editing.value !== null) return;
    event.preventDefault();
    const { top, bottom, start, end } = grid().range.value;
    const block = spread(fromTsv(text), bottom - top + 1, end - start + 1);
    // Headers of groups between the rows take nothing.
    const records = lines.value.slice(top).flatMap((line) => (line.kind === 'row' ? [line.record] : []));
    let skipped = 0;
    const changes = block.flatMap((cells, r) => {
      const record = records[r];
      if (record === undefined) return [];
      const shown: RecordData = {};
      const values: RecordData = {};
      cells.forEach((cell, c) => {
        const column = columns.value[start + c];
        const value = column === undefined || !column.editable ? undefined : meant(column, cell, text, r, c);
        if (column === undefined || value === undefined) return void skipped++;
        shown[column.path] = value as Json;
        values[column.path] = written(column.field, value) as Json;
      });
      if (Object.keys(values).length === 0) return [];
      const before = Object.fromEntries(Object.keys(values).map((key) => [key, record[key] ?? null]));
      return [{ id: String(record.id), values, shown, before }];
    });
    if (skipped > 0) toast({ text: t('list.pasteSkipped', { count: skipped }) });
    if (changes.length === 0) return;
    try {
      const done = await edit.changeMany(changes);
      const undo = () =>
        void edit.changeMany(
          changes.map(({ id, shown, before }) => ({ id, shown: before, before: shown, values: writtenBack(before) })),
        );
      toast({
        text: t('list.pasted', { count: done }),
        kind: 'success',
        action: { label: t('common.undo'), run: undo },
      });
    } catch (error) {
      toast({ text: problemText(error).title, kind: 'error' });
    }
  }

  /** The value itself if it was copied here, from a field of the same kind; else what the text says. */
  function meant(column: GridColumn, cell: string, text: string, r: number, c: number): unknown {
    if (copied !== null && copied.text === text.replaceAll('\r\n', '\n')) {
      const row = copied.values[r % copied.values.length];
      const kind = copied.kinds[c % copied.kinds.length];
      if (kind === column.field.kind && row !== undefined) return row[c % row.length] ?? null;
    }
    const read = fromText(column.field, cell);
    return read.ok ? read.value : undefined;
  }

  function writtenBack(values: RecordData): RecordData {
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        written(columns.value.find((column) => column.path === key)?.field ?? { kind: 'text' }, value) as Json,
      ]),
    );
  }

  return { copy, paste };
}

/** One copied cell fills a whole range, as in spreadsheets. */
function spread(cells: string[][], rows: number, cols: number): string[][] {
  const only = cells.length === 1 && cells[0]?.length === 1 ? cells[0][0] : undefined;
  return only === undefined ? cells : Array.from({ length: rows }, () => Array.from({ length: cols }, () => only));
}
