const maxDepth = 64;

/** JSON of a definition file, or a sentence that says where it breaks. Depth is bounded: what comes later walks it recursively. */
export function parseJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  const depth = nesting(text);
  if (depth > maxDepth) return { problem: `is nested ${depth} deep; at most ${maxDepth} are read.` };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `is not JSON: ${explain(text, (error as Error).message)}` };
  }
}

/** Deepest nesting of brackets outside of strings, counted without recursion. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') deepest = Math.max(deepest, ++depth);
    else if (c === '}' || c === ']') depth--;
  }
  return deepest;
}

/** V8 tells a position, or nothing at the end of the text; people look for a line and column. */
function explain(text: string, message: string): string {
  const at = /at position (\d+)/.exec(message);
  const position = at ? Number(at[1]) : /end of JSON|Unterminated/i.test(message) ? text.length : null;
  const reason = message.replace(/ in JSON at position \d+.*$/s, '').replace(/, "[\s\S]*$/, '');
  if (position === null) return `${reason}.`;
  const before = text.slice(0, position).split('\n');
  return `${reason} in line ${before.length}, column ${before[before.length - 1].length + 1}.${/,\s*$/.test(text.slice(0, position)) ? ' Is there a comma too many?' : ''}`;
}
