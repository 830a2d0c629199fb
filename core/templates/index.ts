/**
 * Safe Handlebars for mails, notifications and public pages. Handlebars reads the text; what it means is evaluated here, over its
 * syntax tree: no code is made of a template, and only own properties of plain JSON are reached.
 * It never reads a record, a file or the clock: what a template shows is handed to it.
 * Invariants: length, nesting, steps and output are bounded by counting; what goes into HTML is escaped, addresses in links are of a
 * harmless scheme; `{{{`, partials, decorators and unknown helpers are refused before anything is rendered.
 */
export { checkTemplate, type TemplateFault, type TemplateKind } from './check.js';
export { renderTemplate, type RenderInput } from './render.js';
export { textOfHtml } from './text-of-html.js';
