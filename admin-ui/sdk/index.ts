/**
 * The public surface `#ui` for plugins' browser code: types and `define*` helpers, no logic.
 * Stable within a major version; a plugin's `ui/` folder imports nothing else of admin-ui.
 */
export { defineWidget } from './widget.js';
export type { Widget, WidgetCellProps, WidgetFilterProps, WidgetInputEmits, WidgetInputProps } from './widget.js';
export type { CatalogAnswer, CatalogEntity, CatalogField, CatalogForm, CatalogView } from '../../schemas/catalog.js';
