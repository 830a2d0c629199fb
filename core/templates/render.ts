import { invalid, limited, type Issue } from '../base/errors.js';
import type { Json } from '../sdk/index.js';
import { readTemplate, type CheckedTemplate, type TemplateKind } from './check.js';
import { helpers, isFilled, textOf, type HelperEnv, type Value } from './helpers.js';
import { safeStart, urlAttributes } from './html-scanner.js';

/** A template and what it shows. */
export interface RenderInput {
  readonly source: string;
  readonly kind: TemplateKind;
  /** Plain JSON; names that are not there show as nothing. */
  readonly data: { readonly [key: string]: Json };
  /** BCP 47; of numbers and dates. */
  readonly locale: string;
  /** IANA zone in which instants are written. */
  readonly zone: string;
}

/** Nodes that may be visited, and characters that may come out. */
const maxSteps = 100_000;
const maxOutput = 400_000;

/**
 * The text that a template makes. Throws template.invalid (issues name line and reason) where it is none, template.too_large
 * where it would take too many steps or make too much.
 */
export function renderTemplate(input: RenderInput): string {
  const { source, kind, data, locale, zone } = input;
  const run = new Run(checked(source, kind), { locale, zone }, data);
  return run.all();
}

const kept = new Map<string, CheckedTemplate>();
const keptLimit = 100;

/** The tree of a template; those used last are kept, since the same one serves many mails. */
function checked(source: string, kind: TemplateKind): CheckedTemplate {
  const key = `${kind} ${String(source)}`;
  const known = kept.get(key);
  if (known) return known;
  const { template, faults } = readTemplate(source, kind);
  if (template === null || faults.length > 0) throw unsound(faults);
  if (kept.size >= keptLimit) kept.delete(kept.keys().next().value as string);
  kept.set(key, template);
  return template;
}

function unsound(faults: readonly { line: number | null; code: string; message: string }[]): Error {
  const issues: Issue[] = faults.map(({ line, code, message }) => ({ path: '', code, message, params: { line } }));
  const [first] = issues;
  return invalid('template.invalid', `The template cannot be used: ${first.message}`, { issues });
}

/** Where names are looked up: the present value, and what surrounds it. */
interface Frame {
  readonly value: Value;
  readonly outer: Frame | null;
  /** @index and the like. */
  readonly variables: Readonly<Record<string, Value>>;
  /** Names of `as |name|`. */
  readonly named: Readonly<Record<string, Value>>;
}

class Run {
  private steps = 0;
  private output = 0;

  constructor(
    private readonly template: CheckedTemplate,
    private readonly env: HelperEnv,
    private readonly data: Json,
  ) {}

  all(): string {
    const text = this.program(this.template.program, { value: this.data, outer: null, variables: {}, named: {} });
    return this.template.kind === 'html' ? stayHere(text) : text;
  }

  private program(program: hbs.AST.Program | undefined, frame: Frame): string {
    let text = '';
    for (const node of program?.body ?? []) text += this.statement(node, frame);
    return text;
  }

  private statement(node: hbs.AST.Statement, frame: Frame): string {
    this.step();
    if (node.type === 'ContentStatement') return this.put((node as hbs.AST.ContentStatement).value);
    if (node.type === 'MustacheStatement') return this.put(this.shown(node as hbs.AST.MustacheStatement, frame));
    if (node.type === 'BlockStatement') return this.block(node as hbs.AST.BlockStatement, frame);
    return '';
  }

  private shown(node: hbs.AST.MustacheStatement, frame: Frame): string {
    const text = textOf(this.call(node, frame));
    if (this.template.kind === 'text') return text;
    return this.template.addresses.has(node) && !safeStart.test(text) ? '#' : escapeHtml(text);
  }

  private block(node: hbs.AST.BlockStatement, frame: Frame): string {
    const name = (node.path as hbs.AST.PathExpression).original;
    const value = this.evaluate(node.params[0], frame);
    const isTaken = name === 'unless' ? !isFilled(value) : isFilled(value);
    if (!isTaken) return this.program(node.inverse, frame);
    if (name === 'each') return this.each(node, value, frame);
    if (name !== 'with') return this.program(node.program, frame);
    const [as] = node.program.blockParams ?? [];
    return this.program(node.program, {
      value,
      outer: frame,
      variables: frame.variables,
      named: as === undefined ? frame.named : { ...frame.named, [as]: value },
    });
  }

  private each(node: hbs.AST.BlockStatement, list: Value, frame: Frame): string {
    const entries: [string | number, Value][] = Array.isArray(list)
      ? list.map((value, i) => [i, value])
      : typeof list === 'object' && list !== null
        ? Object.entries(list)
        : [];
    if (entries.length === 0) return this.program(node.inverse, frame);
    const [as, asKey] = node.program.blockParams ?? [];
    let text = '';
    for (const [i, [key, value]] of entries.entries()) {
      this.step();
      const named = { ...frame.named, ...(as ? { [as]: value } : {}), ...(asKey ? { [asKey]: key } : {}) };
      const variables = { index: i, key, first: i === 0, last: i === entries.length - 1 };
      text += this.program(node.program, { value, outer: frame, variables, named });
    }
    return text;
  }

  private call(node: { path: hbs.AST.Node; params: hbs.AST.Expression[]; hash: hbs.AST.Hash }, frame: Frame): Value {
    const pairs = node.hash?.pairs ?? [];
    if (node.params.length === 0 && pairs.length === 0) return this.evaluate(node.path, frame);
    const helper = helpers.get((node.path as hbs.AST.PathExpression).original);
    const args = node.params.map((param) => this.evaluate(param, frame));
    const options = Object.fromEntries(pairs.map(({ key, value }) => [key, this.evaluate(value, frame)]));
    return helper?.run(this.env, args, options);
  }

  private evaluate(node: hbs.AST.Node, frame: Frame): Value {
    this.step();
    switch (node.type) {
      case 'PathExpression':
        return this.lookUp(node as hbs.AST.PathExpression, frame);
      case 'SubExpression':
        return this.call(node as hbs.AST.SubExpression, frame);
      case 'StringLiteral':
      case 'NumberLiteral':
      case 'BooleanLiteral':
        return (node as hbs.AST.StringLiteral).value;
      default:
        return null;
    }
  }

  private lookUp(path: hbs.AST.PathExpression, frame: Frame): Value {
    const [head, ...rest] = path.parts;
    if (path.data) return follow(head === 'root' ? this.data : own(frame.variables, head), rest);
    let at: Frame | null = frame;
    for (let up = 0; up < path.depth && at; up++) at = at.outer;
    if (at === null) return undefined;
    // `this.name` is never a name of `as |name|`.
    const isNamed = head !== undefined && Object.hasOwn(at.named, head) && !/^(this|\.)/.test(path.original);
    return isNamed ? follow(at.named[head], rest) : follow(at.value, path.parts);
  }

  private step(): void {
    if (++this.steps > maxSteps) throw tooLarge();
  }

  private put(text: string): string {
    this.output += text.length;
    if (this.output > maxOutput) throw tooLarge();
    return text;
  }
}

function follow(value: Value, parts: readonly string[]): Value {
  let at = value;
  for (const part of parts) {
    if (Array.isArray(at)) at = /^\d{1,6}$/.test(part) ? at[Number(part)] : part === 'length' ? at.length : undefined;
    else at = own(at, part);
  }
  return at;
}

function own(value: unknown, key: string): Value {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, Value>)[key]
    : undefined;
}

function tooLarge(): Error {
  return limited('template.too_large', 'The template makes too much of these values.', {
    hint: `At most ${maxSteps} steps and ${maxOutput} characters.`,
  });
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** `/{{path}}` must stay a path whatever stands in it: browsers read `//`, `/\\` and these with a tab between as another host. */
function stayHere(html: string): string {
  return html.replace(elsewhere, '$1#');
}

const elsewhere = new RegExp(
  `(\\b(?:${[...urlAttributes].join('|')})\\s*=\\s*(["']))[\\s\\p{Cc}]*(?:[/\\\\][\\s\\p{Cc}]*){2}(?:(?!\\2)[^])*`,
  'giu',
);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (c) => entities[c]);
}
