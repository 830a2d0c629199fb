import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { invalid } from '../base/errors.js';
import { refuse, type Span } from './report.js';

/** What an expression says, before any name is known. Operators are named as written; `-x` is `neg`, `c ? a : b` is `IF`. */
export type Syntax =
  | { readonly op: 'number'; readonly text: string; readonly at: Span }
  | { readonly op: 'literal'; readonly value: string | boolean | null; readonly at: Span }
  | { readonly op: 'name'; readonly name: string; readonly at: Span }
  | { readonly op: 'member'; readonly of: Syntax; readonly name: string; readonly at: Span }
  | { readonly op: 'list'; readonly items: readonly Syntax[]; readonly at: Span }
  | {
      readonly op: 'operator' | 'function' | 'method';
      readonly name: string;
      readonly args: readonly Syntax[];
      readonly at: Span;
    };

const maxLength = 20_000;
const maxDepth = 100;
const maxNodes = 2_000;

const parser = new Environment({
  limits: { maxDepth, maxAstNodes: maxNodes, maxListElements: 1_000, maxMapEntries: 10, maxCallArguments: 100 },
});

/**
 * Reads an expression (CEL syntax) of at most 20,000 characters, 100 levels and 2,000 nodes.
 * Throws expression.syntax with the place, expression.too_large past a bound.
 */
export function parseExpression(source: string): Syntax {
  if (source.length > maxLength)
    throw invalid('expression.too_large', `An expression has at most ${maxLength} characters.`);
  const broken = /\0|\p{Surrogate}/u.exec(source);
  if (broken)
    throw refuse('expression.syntax', 'This character cannot stand in an expression.', source, {
      start: broken.index,
      end: broken.index + 1,
    });
  return convert(astOf(source), source, 0);
}

function astOf(source: string): ASTNode {
  try {
    return parser.parse(source).ast;
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    if (!(error instanceof ParseError)) throw error;
    const range = error.range ?? { start: 0, end: 0 };
    if (error.code === 'limit_exceeded')
      throw /Depth/.test(error.summary)
        ? tooDeep()
        : invalid('expression.too_large', `An expression has at most ${maxNodes} parts, and 1,000 items in a list.`);
    throw refuse('expression.syntax', plain(error.summary), source, range, hint(source, range.start));
  }
}

function convert(node: ASTNode, source: string, depth: number): Syntax {
  if (depth > maxDepth) throw tooDeep();
  const at = { start: node.start, end: node.end };
  const into = (child: ASTNode): Syntax => convert(child, source, depth + 1);
  switch (node.op) {
    case 'value':
      return literal(node.args, source, at);
    case 'id':
      return { op: 'name', name: node.args, at };
    case '.':
      return { op: 'member', of: into(node.args[0]), name: node.args[1], at };
    case 'list':
      return { op: 'list', items: node.args.map(into), at };
    case 'call':
      return { op: 'function', name: node.args[0], args: node.args[1].map(into), at };
    case 'rcall':
      return { op: 'method', name: node.args[0], args: [into(node.args[1]), ...node.args[2].map(into)], at };
    case '?:':
      return { op: 'operator', name: 'IF', args: node.args.map(into), at };
    case '!_':
      return { op: 'operator', name: '!', args: [into(node.args)], at };
    case '-_':
      return { op: 'operator', name: 'neg', args: [into(node.args)], at };
    case 'map':
    case '[]':
    case '[?]':
    case '.?':
      throw refuse(
        'expression.syntax',
        'Maps and [ ] behind a value are not part of this language.',
        source,
        at,
        'Write a member as record.field.',
      );
    default:
      // A chain `a + b + c` leans to the left: its left side is no deeper for a reader, and the parser bounds its length.
      return { op: 'operator', name: node.op, args: [convert(node.args[0], source, depth), into(node.args[1])], at };
  }
}

function literal(value: unknown, source: string, at: Span): Syntax {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return literalText(value, source, at);
  const text = source.slice(at.start, at.end);
  if (/^\d+(\.\d+)?(e[+-]?\d{1,4})?$/i.test(text)) return { op: 'number', text, at };
  throw refuse(
    'expression.syntax',
    `"${text.slice(0, 40)}" is not a number of this language.`,
    source,
    at,
    'Write numbers as 12, 12.5 or 1.25e3.',
  );
}

function literalText(value: string | boolean | null, source: string, at: Span): Syntax {
  if (typeof value === 'string' && value.includes('\0'))
    throw refuse('expression.syntax', 'A text cannot hold the character NUL.', source, at);
  return { op: 'literal', value, at };
}

function tooDeep(): Error {
  return invalid('expression.too_large', `An expression is nested at most ${maxDepth} levels deep.`);
}

/** The parser's words in ours. */
function plain(summary: string): string {
  if (/EOF/.test(summary)) return 'The expression ends too early.';
  const reserved = /^Reserved identifier: (\w+)/.exec(summary);
  if (reserved) return `"${reserved[1]}" is a reserved word and cannot be a name.`;
  return `${summary.replace(/^(Unexpected|Expected) (token|character)s?: /, 'Unexpected ').replace(/\b[A-Z]{3,}\b/g, (token) => words.get(token) ?? token)}.`;
}

const words = new Map([
  ['IDENTIFIER', 'a name'],
  ['NUMBER', 'a number'],
  ['STRING', 'a text'],
  ['RPAREN', '")"'],
  ['LPAREN', '"("'],
  ['RBRACKET', '"]"'],
  ['LBRACKET', '"["'],
  ['DOT', '"."'],
  ['COMMA', '","'],
  ['COLON', '":"'],
  ['GT', '">"'],
  ['LT', '"<"'],
  ['EQ', '"=="'],
  ['MULTIPLY', '"*"'],
  ['DIVIDE', '"/"'],
  ['PLUS', '"+"'],
  ['AND', '"&&"'],
  ['OR', '"||"'],
  ['IN', '"in"'],
  ['NULL', '"null"'],
]);

function hint(source: string, start: number): string | undefined {
  const here = source.slice(start);
  const before = source.slice(0, start);
  if (/<\s*$/.test(before) && here.startsWith('>')) return 'Not equal is written !=.';
  if (here.startsWith('=')) return 'Equality is written ==.';
  if (/(^|[^&])$/.test(before) && here.startsWith('&'))
    return 'Both must hold is written &&; texts are joined with + or CONCAT.';
  if (here.startsWith('|')) return 'One of them is written ||.';
  const word = /\b(and|or|not|like|is|between)\b/i.exec(source.slice(Math.max(0, start - 8), start + 8));
  return word ? wordHints.get(word[1].toLowerCase()) : undefined;
}

const wordHints = new Map([
  ['and', 'Both must hold is written &&.'],
  ['or', 'One of them is written ||.'],
  ['not', 'Not is written !.'],
  ['like', "Write name.contains('part') or CONTAINS(name, 'part')."],
  ['is', 'Write == null, or ISBLANK(x).'],
  ['between', 'Write x >= 1 && x <= 9.'],
]);
