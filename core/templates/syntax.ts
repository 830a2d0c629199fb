import Handlebars from 'handlebars';

/** Characters of a template. */
export const maxSource = 100_000;
/** Placeholders, and blocks with their `else` parts, of one template. */
const maxTags = 2_000;
const maxBlocks = 200;
/** Blocks, and helpers, within each other. */
export const maxDepth = 12;

/** Why a text is no template: `line` counts from 1, or null where the whole text is meant. */
export interface TemplateFault {
  readonly line: number | null;
  readonly code: string;
  readonly message: string;
}

/** The tree of a text, or why there is none. Bounded before Handlebars looks at it, since it stalls on thousands of nested blocks. */
export function parse(source: unknown): hbs.AST.Program | TemplateFault {
  // `Handlebars.parse` takes a tree as well: whoever hands one in has written code.
  if (typeof source !== 'string') return fault('template.not_text', 'A template must be text.');
  if (source.length > maxSource)
    return fault('template.too_large', `A template may have at most ${maxSource} characters.`);
  const bound = countTags(source);
  if (bound !== null) return bound;
  try {
    return Handlebars.parse(source);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const line = /line (\d+)/.exec(said)?.[1];
    return { line: line === undefined ? null : Number(line), code: 'template.syntax', message: wordsOf(said) };
  }
}

export function isFault(parsed: hbs.AST.Program | TemplateFault): parsed is TemplateFault {
  return 'code' in parsed;
}

function countTags(source: string): TemplateFault | null {
  let tags = 0;
  let blocks = 0;
  let depth = 0;
  for (const [, sign, isElse] of source.matchAll(/\{\{\{?~?\s*(?:([#^/])|(else\b))?/g)) {
    tags++;
    if (sign === '#' || sign === '^' || isElse) blocks++;
    if (sign === '#') depth++;
    if (sign === '/') depth--;
    if (tags > maxTags) return fault('template.too_large', `A template may have at most ${maxTags} placeholders.`);
    if (blocks > maxBlocks)
      return fault('template.too_large', `A template may have at most ${maxBlocks} blocks and "else" parts.`);
    if (depth > maxDepth)
      return fault('template.too_deep', `Blocks may stand at most ${maxDepth} levels within each other.`);
  }
  return null;
}

/** The first and the last line of what the parser says, without its drawing. */
function wordsOf(said: string): string {
  const lines = said.split('\n').filter((line) => !/^-*\^$/.test(line.trim()));
  return [lines[0].replace(/:$/, ''), lines.length > 2 ? lines[lines.length - 1] : '']
    .filter(Boolean)
    .join(': ')
    .slice(0, 300);
}

function fault(code: string, message: string): TemplateFault {
  return { line: null, code, message };
}
