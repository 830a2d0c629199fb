/**
 * One widget a field kind: an input, a cell, a filter. A widget knows its field and its value, never the record's page.
 * Nothing else in admin-ui branches on a kind.
 */
import './built-in.js';

export { addressLines } from './address/address-lines.js';
export type { OfferedOption } from './choice/offered-options.js';
export { heldOptions, offeredOptions } from './choice/offered-options.js';
export { operatorShape } from './filters/operator-shape.js';
export {
  countryName,
  formatBytes,
  formatDate,
  formatDateTime,
  formatMoney,
  formatMonth,
  formatNumber,
  formatPercent,
  formatRelative,
  formatTime,
  optionTitles,
} from './format.js';
export type { CreateInPlace } from './link/create-in-place.js';
export { CREATE_IN_PLACE } from './link/create-in-place.js';
export type { HeldLink } from './link/link-values.js';
export { heldLink, heldLinks } from './link/link-values.js';
export { LinkPicker } from './link/lazy-picker.js';
export { loadInputs } from './lazy-input.js';
export { useTitles } from './link/use-titles.js';
export { plainText } from './rich-text/plain-text.js';
export { registerWidget, servedKinds, widgetFor } from './registry.js';
export type { LinkItem } from './written.js';
export { isEmpty, linksChange, plain, REFERENCE_KINDS, WIDE_KINDS, written } from './written.js';
