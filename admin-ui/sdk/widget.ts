import type { Component } from 'vue';
import type { CatalogField } from '../../schemas/catalog.js';

/** What every `Input` gets. Values are in API form; null is "nothing". */
export interface WidgetInputProps {
  field: CatalogField;
  modelValue: unknown;
  /** DOM id of the focusable element; the visible label points at it. */
  id: string;
  disabled?: boolean;
  invalid?: boolean;
  /** Ids of the help and error texts. */
  describedby?: string;
  /** Sibling values, for widgets that read more than their own field (money reads its currency). */
  record?: Record<string, unknown>;
  /** Entity that the field stands on. */
  entity?: string;
  /** In a grid cell: no room for more than one line. */
  compact?: boolean;
}

/** What every `Input` emits. `patch` sets sibling fields; `done` asks to commit (Enter, a picked option), in a grid cell. */
export interface WidgetInputEmits {
  (event: 'update:modelValue', value: unknown): void;
  (event: 'patch', values: Record<string, unknown>): void;
  (event: 'done'): void;
}

/** What every `Cell` gets: light, no inputs; hundreds of them stand on a page. */
export interface WidgetCellProps {
  field: CatalogField;
  value: unknown;
  record?: Record<string, unknown>;
  /** Room for the whole value (a record page), or one line (a grid, a card). */
  full?: boolean;
}

/** What every `Filter` gets: the editor of the value that stands right of an operator. */
export interface WidgetFilterProps {
  field: CatalogField;
  /** Id of the operator, e.g. `equals`, `between`, `in`. */
  operator: string;
  modelValue: unknown;
  id: string;
  disabled?: boolean;
}

/** A widget says which field kinds it serves. */
export interface Widget {
  readonly id: string;
  readonly kinds: readonly string[];
  /** `WidgetInputProps`, `WidgetInputEmits`. */
  readonly Input: Component;
  /** `WidgetCellProps`. */
  readonly Cell: Component;
  /** `WidgetFilterProps`, emits `update:modelValue`. */
  readonly Filter: Component;
  readonly options?: {
    /** Wants the full width of a form. */
    readonly wide?: boolean;
    /** Right-aligned, tabular figures. */
    readonly numeric?: boolean;
    /** Preferred column width of a list, px. */
    readonly width?: number;
    /** Several controls: the label names a group instead of one input. */
    readonly group?: boolean;
    /** Never edited in a grid cell. */
    readonly noInline?: boolean;
  };
}

/** Names a widget; returns it unchanged, so that its shape is checked where it is written. */
export function defineWidget(widget: Widget): Widget {
  return widget;
}
