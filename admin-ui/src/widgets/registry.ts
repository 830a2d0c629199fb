import type { Widget } from '../../sdk/index.js';
import type { CatalogField } from '../meta/index.js';
import { addressWidget } from './address/index.js';
import { booleanWidget } from './boolean/index.js';
import { choiceWidget, multiChoiceWidget } from './choice/index.js';
import { colorWidget } from './color/index.js';
import { emailWidget, phoneWidget, urlWidget } from './contact/index.js';
import { computedWidget } from './computed/index.js';
import { dateTimeWidget, dateWidget } from './date/index.js';
import { durationWidget } from './duration/index.js';
import { fileWidget } from './file/index.js';
import { geoWidget } from './geo/index.js';
import { jsonWidget } from './json/index.js';
import { linesWidget } from './lines/index.js';
import { anyLinkWidget, linksWidget, linkWidget, userWidget } from './link/index.js';
import { currencyWidget, moneyWidget } from './money/index.js';
import { decimalWidget, integerWidget, percentWidget } from './number/index.js';
import { ratingWidget } from './rating/index.js';
import { richTextWidget } from './rich-text/index.js';
import { secretWidget } from './secret/index.js';
import { tagsWidget } from './tags/index.js';
import { autoNumberWidget, idWidget, longTextWidget, textWidget } from './text/index.js';

const byId = new Map<string, Widget>();
const byKind = new Map<string, Widget>();
const builtIn = [
  [textWidget, longTextWidget, autoNumberWidget, idWidget, richTextWidget, emailWidget, phoneWidget, urlWidget],
  [choiceWidget, multiChoiceWidget, tagsWidget, booleanWidget, ratingWidget, colorWidget],
  [
    integerWidget,
    decimalWidget,
    percentWidget,
    moneyWidget,
    currencyWidget,
    dateWidget,
    dateTimeWidget,
    durationWidget,
  ],
  [addressWidget, geoWidget, jsonWidget, fileWidget, linkWidget, linksWidget, anyLinkWidget, userWidget],
  [computedWidget((field) => widgetFor(field)), linesWidget, secretWidget],
].flat();
for (const widget of builtIn) registerWidget(widget);

/** Adds a widget. The first that serves a kind is the kind's default; a field asks for another by `x-field.widget`. */
export function registerWidget(widget: Widget): void {
  byId.set(widget.id, widget);
  for (const kind of widget.kinds) if (!byKind.has(kind)) byKind.set(kind, widget);
}

/** The widget of a field: the one it names, where that serves its kind; else its kind's; else plain text. */
export function widgetFor(field: Pick<CatalogField, 'kind' | 'widget'>): Widget {
  const named = byId.get(field.widget);
  if (named?.kinds.includes(field.kind)) return named;
  return byKind.get(field.kind) ?? textWidget;
}

/** Kinds that some widget serves. */
export function servedKinds(): string[] {
  return [...byKind.keys()];
}
