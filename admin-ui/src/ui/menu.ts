/** One line of a menu. */
export interface MenuEntry {
  type?: 'item' | 'separator' | 'label';
  label?: string;
  icon?: string;
  /** A colour of the option palette, shown as a dot; '' is none. */
  color?: string;
  hint?: string;
  checked?: boolean;
  danger?: boolean;
  disabled?: boolean;
  run?: () => void;
}
