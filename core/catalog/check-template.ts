import { checkTemplate, type TemplateKind } from '../templates/index.js';
import type { Check } from './check-names.js';

/** What its texts are, by pointer. */
const kinds: Readonly<Record<string, TemplateKind>> = { '/subject': 'text', '/body': 'html', '/text': 'text' };

/** The placeholders of a template, those of its subject and plain text too. */
export function checkTemplateDefinition(check: Check): void {
  const { document } = check.definition;
  for (const [pointer, kind] of Object.entries(kinds)) {
    const text = document[pointer.slice(1)];
    if (text === undefined) continue;
    for (const { line, code, message } of checkTemplate(text, kind))
      check.report(pointer, code, line === null ? message : `line ${line}: ${message}`);
  }
}

/** The same of templates in another language. */
export function checkTranslatedTemplates(check: Check): void {
  const { messages } = check.definition.document as {
    messages?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  for (const [name, texts] of Object.entries(messages ?? {})) {
    if (!name.startsWith('template:')) continue;
    for (const [pointer, text] of Object.entries(texts)) {
      const kind = kinds[pointer];
      if (kind === undefined) continue;
      for (const { line, code, message } of checkTemplate(text, kind))
        check.report(
          `/messages/${name}/${pointer.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          code,
          line === null ? message : `line ${line}: ${message}`,
        );
    }
  }
}
