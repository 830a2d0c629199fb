/** The words of an HTML text, for one line: no tags, entities resolved, spaces folded. */
export function plainText(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .replaceAll(/<(br|\/p|\/li|\/h\d|\/div)[^>]*>/gi, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': ' ',
  '&#39;': "'",
};
