import type { Widget } from '../../sdk/index.js';
import type { CatalogField } from '../meta/index.js';

const byId = new Map<string, Widget>();
const byKind = new Map<string, Widget>();
/** Adds a widget. The first that serves a kind is the kind's default; a field asks for another by `x-field.widget`. */
export function registerWidget(widget: Widget): void {
  byId.set(widget.id, widget);
  for (const kind of widget.kinds) if (!byKind.has(kind)) byKind.set(kind, widget);
}

/** The widget of a field: the one it names, where that serves its kind; else its kind's; else plain text. */
export function widgetFor(field: Pick<CatalogField, 'kind' | 'widget'>): Widget {
  const named = byId.get(field.widget);
  if (named?.kinds.includes(field.kind)) return named;
  return (byKind.get(field.kind) ?? byId.get('text')) as Widget;
}

/** Kinds that some widget serves. */
export function servedKinds(): string[] {
  return [...byKind.keys()];
}
