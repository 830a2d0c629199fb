import { didYouMean } from '../base/suggest.js';
import { helpers } from './helpers.js';
import { htmlStart, isSamePlace, safeStart, scanHtml, urlAttributes, type HtmlPlace } from './html-scanner.js';
import { isFault, maxDepth, parse, type TemplateFault } from './syntax.js';

export type { TemplateFault } from './syntax.js';

/** `html` is escaped and may hold harmless elements; `text` is taken as it is. */
export type TemplateKind = 'text' | 'html';

/** A template that may be rendered. */
export interface CheckedTemplate {
  readonly program: hbs.AST.Program;
  readonly kind: TemplateKind;
  /** Placeholders that are the beginning of an address. */
  readonly addresses: ReadonlySet<hbs.AST.Node>;
}

/** Blocks, with the number of their arguments. */
const blocks: ReadonlyMap<string, number> = new Map([
  ['if', 1],
  ['unless', 1],
  ['each', 1],
  ['with', 1],
]);
const variables = ['index', 'first', 'last', 'key', 'root'];
const forbidden =
  /^(__.*__|constructor|prototype|toString|toLocaleString|valueOf|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|lookup|log|helperMissing|blockHelperMissing)$/;
const maxFaults = 20;

/** Everything that keeps the text from being a template; an empty list is a good one. */
export function checkTemplate(source: unknown, kind: TemplateKind): TemplateFault[] {
  return [...readTemplate(source, kind).faults];
}

/** The template with its faults; null where it cannot even be read. */
export function readTemplate(
  source: unknown,
  kind: TemplateKind,
): { readonly template: CheckedTemplate | null; readonly faults: readonly TemplateFault[] } {
  const program = parse(source);
  if (isFault(program)) return { template: null, faults: [program] };
  const check = new Check(kind);
  check.program(program, 0);
  if (kind === 'html') check.end();
  return {
    template: { program, kind, addresses: check.addresses },
    faults: check.faults,
  };
}

/** A walk over the tree in the order of the text. */
class Check {
  readonly faults: TemplateFault[] = [];
  readonly addresses = new Set<hbs.AST.Node>();
  private place: HtmlPlace = htmlStart;

  constructor(private readonly kind: TemplateKind) {}

  program(program: hbs.AST.Program | undefined, depth: number): void {
    for (const statement of program?.body ?? []) this.statement(statement, depth);
  }

  end(): void {
    if (this.place.state !== 'text')
      this.faults.push({ line: null, code: 'template.unbalanced', message: 'The HTML ends within a tag.' });
  }

  private statement(node: hbs.AST.Statement, depth: number): void {
    switch (node.type) {
      case 'ContentStatement':
        if (this.kind === 'html')
          this.place = scanHtml(this.place, (node as hbs.AST.ContentStatement).value, (code, message) =>
            this.report(node, code, message),
          );
        return;
      case 'CommentStatement':
        return;
      case 'MustacheStatement':
        return this.mustache(node as hbs.AST.MustacheStatement);
      case 'BlockStatement':
        return this.block(node as hbs.AST.BlockStatement, depth + 1);
      default:
        this.report(node, 'template.not_allowed', 'Partials and decorators ({{> …}}, {{* …}}) are not allowed.');
    }
  }

  private mustache(node: hbs.AST.MustacheStatement): void {
    if (!node.escaped)
      this.report(node, 'template.unescaped', 'Unescaped placeholders ({{{ … }}}, {{& … }}) are not allowed.');
    this.call(node, 0);
    if (this.kind === 'html') this.inHtml(node);
  }

  private block(node: hbs.AST.BlockStatement, depth: number): void {
    const name = nameOf(node.path);
    const count = blocks.get(name);
    if (count === undefined)
      this.report(
        node,
        'template.unknown_block',
        `There is no block "${name}".${didYouMean(name, blocks.keys())} Blocks are ${[...blocks.keys()].join(', ')}.`,
      );
    else if (node.params.length !== count || node.hash?.pairs.length > 0)
      this.report(node, 'template.arguments', `"${name}" takes one value.`);
    node.params.forEach((param) => this.expression(param, 0));
    if (depth > maxDepth)
      return void this.report(node, 'template.too_deep', 'Blocks stand too deep within each other.');
    const before = this.place;
    for (const part of [node.program, node.inverse]) {
      this.place = before;
      this.program(part, depth);
      if (this.kind === 'html' && !isSamePlace(before, this.place))
        this.report(node, 'template.unbalanced', `A block must not begin or end within a tag or an attribute.`);
    }
    this.place = before.state === 'value' ? { ...before, value: `${before.value}x` } : before;
  }

  /** A helper with arguments, or the path to a value. */
  private call(node: { path: hbs.AST.Node; params: hbs.AST.Expression[]; hash: hbs.AST.Hash }, depth: number): void {
    const options = node.hash?.pairs ?? [];
    if (node.params.length === 0 && options.length === 0) return this.expression(node.path, depth);
    const name = nameOf(node.path);
    const helper = helpers.get(name);
    if (!helper)
      this.report(
        node.path,
        'template.unknown_helper',
        `There is no helper "${name}".${didYouMean(name, helpers.keys())}`,
      );
    else if (node.params.length < helper.least || node.params.length > helper.most)
      this.report(
        node.path,
        'template.arguments',
        `"${name}" takes ${helper.least === helper.most ? helper.least : `${helper.least} to ${helper.most}`} values.`,
      );
    for (const { key, value } of options) {
      if (helper && !helper.options?.includes(key))
        this.report(
          node.path,
          'template.arguments',
          `"${name}" has no option "${key}".${didYouMean(key, helper.options ?? [])}`,
        );
      this.expression(value, depth);
    }
    node.params.forEach((param) => this.expression(param, depth));
  }

  private expression(node: hbs.AST.Node, depth: number): void {
    if (depth > maxDepth)
      return void this.report(node, 'template.too_deep', 'Helpers stand too deep within each other.');
    if (node.type === 'SubExpression') return this.call(node as hbs.AST.SubExpression, depth + 1);
    if (node.type !== 'PathExpression') return;
    const path = node as hbs.AST.PathExpression;
    if (path.data && !variables.includes(path.parts[0]))
      this.report(
        node,
        'template.unknown_name',
        `There is no "@${path.parts[0]}".${didYouMean(path.parts[0], variables)}`,
      );
    for (const part of path.parts)
      if (typeof part !== 'string' || forbidden.test(part))
        this.report(node, 'template.forbidden_name', `The name "${String(part).slice(0, 40)}" is not allowed.`);
  }

  /** What goes into HTML must stand in a text or in a quoted value, and an address must be a harmless one. */
  private inHtml(node: hbs.AST.MustacheStatement): void {
    const { state, attribute, value } = this.place;
    if (state === 'tag' || state === 'unquoted')
      this.report(node, 'template.unquoted', 'A placeholder in a tag must stand within the quotes of an attribute.');
    if (state !== 'value') return;
    if (attribute === 'style')
      this.report(node, 'template.refused_attribute', 'No placeholder may stand in a style attribute.');
    if (urlAttributes.has(attribute)) {
      if (value.trim() === '') this.addresses.add(node);
      else if (!safeStart.test(value))
        this.report(
          node,
          'template.refused_address',
          'An address must begin with a placeholder, https://, mailto:, / or #.',
        );
    }
    this.place = { ...this.place, value: `${value}x` };
  }

  private report(node: hbs.AST.Node, code: string, message: string): void {
    if (this.faults.length < maxFaults) this.faults.push({ line: node.loc?.start?.line ?? null, code, message });
  }
}

function nameOf(path: hbs.AST.Node): string {
  return String((path as hbs.AST.PathExpression).original ?? '').slice(0, 60);
}
