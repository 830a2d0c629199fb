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
import { registerWidget } from './registry.js';

/** The widgets that come with Trellis: one for each kind of field. Importing this file registers them. */
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
  [computedWidget, linesWidget, secretWidget],
].flat();
for (const widget of builtIn) registerWidget(widget);
