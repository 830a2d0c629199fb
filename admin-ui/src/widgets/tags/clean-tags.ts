/** Tags as they are kept: trimmed, none empty, none twice; a comma or a semicolon (also the Chinese ones) separates. */
export function cleanTags(value: unknown): string[] {
  const given = Array.isArray(value) ? value : [value];
  const parts = given.flatMap((one) => (typeof one === 'string' ? one.split(/[,;\uff0c\uff1b\u3001]/) : []));
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))];
}
