/** One line of a menu. */
export interface MenuEntry {
  type?: 'item' | 'separator' | 'label';
  label?: string;
  icon?: string;
  hint?: string;
  checked?: boolean;
  danger?: boolean;
  disabled?: boolean;
  run?: () => void;
}
