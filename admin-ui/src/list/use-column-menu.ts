import { useI18n } from 'vue-i18n';
import type { MenuEntry } from '../ui/index.js';
import type { GridColumn } from './use-columns.js';

export interface ColumnActs {
  sort: (sort: string[]) => void;
  pin: (path: string, pinned: boolean) => void;
  hide: (path: string) => void;
  total: (path: string, fn: string | null) => void;
}

/** What can be done to a column: sort by it, pin it, hide it, total it. `total` is its present one. */
export function useColumnMenu(acts: ColumnActs) {
  const { t, te } = useI18n();

  function sorting({ path, field }: GridColumn): MenuEntry[] {
    if (!field.sortable) return [];
    return [
      { label: t('list.sortUp'), icon: 'arrow-up', run: () => acts.sort([path]) },
      { label: t('list.sortDown'), icon: 'arrow-down', run: () => acts.sort([`-${path}`]) },
      { type: 'separator' },
    ];
  }

  function placing({ path, pinned, isTitle }: GridColumn): MenuEntry[] {
    const pin = { label: t(pinned ? 'list.unpin' : 'list.pin'), icon: pinned ? 'pin-off' : 'pin' };
    const hide = { label: t('list.hideColumn'), icon: 'eye-off', run: () => acts.hide(path) };
    return [{ ...pin, run: () => acts.pin(path, !pinned) }, ...(isTitle ? [] : [hide])];
  }

  function totalling({ path, field }: GridColumn, total: string | undefined): MenuEntry[] {
    const fns = path.includes('.') ? [] : field.aggregates;
    if (fns.length === 0) return [];
    const entries = fns.map((fn) => ({
      label: te(`totals.${fn}`) ? t(`totals.${fn}`) : fn,
      checked: total === fn,
      run: () => acts.total(path, total === fn ? null : fn),
    }));
    return [{ type: 'separator' }, { type: 'label', label: t('list.total') }, ...entries];
  }

  return (column: GridColumn, total: string | undefined): MenuEntry[] => [
    ...sorting(column),
    ...placing(column),
    ...totalling(column, total),
  ];
}
