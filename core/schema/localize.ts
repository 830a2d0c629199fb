import { elementKey } from './element-key.js';

type Document = Readonly<Record<string, unknown>>;

/**
 * The document with texts put in by pointer. Elements of a list are addressed by their
 * key (see `elementKey`); a pointer to an option itself (`…/options/finance`) sets its title. Only texts are replaced, and pointers that
 * name nothing are passed over: a translation never adds to a definition.
 */
export function localizeDocument(document: Document, messages: Readonly<Record<string, string>>): Document {
  let localized: unknown = document;
  for (const [pointer, text] of Object.entries(messages)) {
    const steps = pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    localized = replace(localized, steps, text);
  }
  return localized as Document;
}

function replace(node: unknown, steps: readonly string[], text: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return replaceText(node, text);
  if (Array.isArray(node)) {
    const at = node.findIndex((item, i) => elementKey(item) === step || String(i) === step);
    return at < 0 ? node : node.map((item, i) => (i === at ? replace(item, rest, text) : item));
  }
  if (typeof node !== 'object' || node === null) return node;
  const own = node as Record<string, unknown>;
  // A title may be missing where the key serves as one; everything else must stand already.
  if (!Object.hasOwn(own, step))
    return rest.length === 0 && (step === 'title' || step === 'description') ? { ...own, [step]: text } : node;
  return { ...own, [step]: replace(own[step], rest, text) };
}

function replaceText(node: unknown, text: string): unknown {
  if (typeof node === 'string') return text;
  return typeof node === 'object' && node !== null && 'title' in node ? { ...node, title: text } : node;
}
