import { operators, parseExpression, type OperatorDefinition, type Syntax } from '../../../core/expression/index.js';

/** One chip: a field (or a path over links), an operator, its values in API form. */
export interface Condition {
  type: 'condition';
  field: string;
  op: string;
  values: unknown[];
}

export interface ConditionGroup {
  type: 'group';
  join: 'and' | 'or';
  items: ConditionNode[];
}

export type ConditionNode = Condition | ConditionGroup;

/** What the builder must know of a field. */
export interface BuilderField {
  exprType: string;
  operators: readonly string[];
}

type FieldLookup = (path: string) => BuilderField | undefined;

/** The expression of a group of conditions; '' for an empty one. Unfinished conditions (values missing) are left out. */
export function buildExpression(group: ConditionGroup, fieldAt: FieldLookup): string {
  const parts = group.items.map((item) => buildNode(item, fieldAt)).filter((text) => text !== '');
  if (parts.length === 1) return parts[0] ?? '';
  return parts
    .map((text) => (needsParens(text, group.join) ? `(${text})` : text))
    .join(group.join === 'and' ? ' && ' : ' || ');
}

/** The conditions of an expression, or null where it says more than conditions can show (then it is edited as text). */
export function parseConditions(text: string, fieldAt: FieldLookup): ConditionGroup | null {
  if (text.trim() === '') return { type: 'group', join: 'and', items: [] };
  try {
    const node = readNode(parseExpression(text), fieldAt);
    if (node === null) return null;
    return node.type === 'group' ? node : { type: 'group', join: 'and', items: [node] };
  } catch {
    return null;
  }
}

/** Both must hold; empty ones do not count. */
export function joinExpressions(...texts: (string | undefined)[]): string | undefined {
  const given = texts.filter((text): text is string => text !== undefined && text.trim() !== '');
  if (given.length <= 1) return given[0];
  return given.map((text) => `(${text})`).join(' && ');
}

/** Arity and kind of value of an operator, for the editor; unknown ids take no value. */
export function describeOperator(id: string): OperatorDefinition {
  return operators.get(id) ?? { id, arity: 0, cel: '', value: 'same' };
}

/** True if all values that the operator needs are there. */
export function isComplete(condition: Condition): boolean {
  const { arity } = describeOperator(condition.op);
  const given = condition.values.filter((value) => value !== null && value !== undefined && value !== '');
  if (arity === 'list') return given.length > 0;
  return given.length >= arity;
}

function buildNode(node: ConditionNode, fieldAt: FieldLookup): string {
  if (node.type === 'group') return buildExpression(node, fieldAt);
  const operator = operators.get(node.op);
  const field = fieldAt(node.field);
  if (operator === undefined || field === undefined || !isComplete(node)) return '';
  const type =
    operator.value === 'same'
      ? field.exprType
      : operator.value === 'day'
        ? 'date'
        : operator.value === 'count'
          ? 'number'
          : 'text';
  const value = (index: number) => literal(node.values[index], type);
  return operator.cel
    .replaceAll('{f}', node.field)
    .replaceAll('{d}', dayOf(node.field, field))
    .replace('{v1}', () => value(0))
    .replace('{v2}', () => value(1))
    .replace('{v}', () =>
      operator.arity === 'list' ? `[${node.values.map((each) => literal(each, type)).join(', ')}]` : value(0),
    );
}

const dayOf = (path: string, field: BuilderField) => (field.exprType === 'dateTime' ? `DATE(${path})` : path);

function needsParens(text: string, join: 'and' | 'or'): boolean {
  return join === 'and' ? /&&|\|\|/.test(text) : /\|\|/.test(text);
}

/** A value as it is written in an expression. Links give their id; dates are texts in a function that names their type. */
function literal(value: unknown, type: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : String(value);
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return text;
  if (type === 'date') return `DATE(${JSON.stringify(text)})`;
  if (type === 'dateTime') return `DATETIME(${JSON.stringify(text)})`;
  return JSON.stringify(text);
}

function readNode(syntax: Syntax, fieldAt: FieldLookup): ConditionNode | null {
  const condition = readCondition(syntax, fieldAt);
  if (condition !== null) return condition;
  if (syntax.op !== 'operator' || (syntax.name !== '&&' && syntax.name !== '||')) return null;
  const join = syntax.name === '&&' ? 'and' : 'or';
  const items: ConditionNode[] = [];
  for (const arg of syntax.args) {
    const node = readNode(arg, fieldAt);
    if (node === null) return null;
    if (node.type === 'group' && node.join === join) items.push(...node.items);
    else items.push(node);
  }
  return { type: 'group', join, items };
}

/** Tries the operators that the field offers, in their order; the first template that fits wins. */
function readCondition(syntax: Syntax, fieldAt: FieldLookup): Condition | null {
  for (const path of pathsIn(syntax)) {
    const field = fieldAt(path);
    if (field === undefined) continue;
    for (const op of field.operators) {
      const template = templateOf(op);
      if (template === null) continue;
      const found = new Map<string, unknown>();
      if (!unify(template, syntax, path, field, found)) continue;
      return { type: 'condition', field: path, op, values: valuesOf(found) };
    }
  }
  return null;
}

function valuesOf(found: ReadonlyMap<string, unknown>): unknown[] {
  if (found.has('VALUE1')) return [found.get('VALUE1'), found.get('VALUE2')];
  const value = found.get('VALUE');
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const templates = new Map<string, Syntax | null>();

function templateOf(op: string): Syntax | null {
  let template = templates.get(op);
  if (template === undefined) {
    const cel = operators
      .get(op)
      ?.cel.replaceAll('{f}', 'FIELD')
      .replaceAll('{d}', 'DAY')
      .replaceAll('{v}', 'VALUE')
      .replace('{v1}', 'VALUE1')
      .replace('{v2}', 'VALUE2');
    template = cel === undefined ? null : parseExpression(cel);
    templates.set(op, template);
  }
  return template;
}

/** True if the expression has the shape of the template; fills in what stands in the places of its values. */
function unify(
  template: Syntax,
  syntax: Syntax,
  path: string,
  field: BuilderField,
  found: Map<string, unknown>,
): boolean {
  if (template.op === 'name' && template.name === 'FIELD') return pathOf(syntax) === path;
  if (template.op === 'name' && template.name === 'DAY') {
    if (field.exprType !== 'dateTime') return pathOf(syntax) === path;
    return (
      syntax.op === 'function' && syntax.name === 'DATE' && syntax.args.length === 1 && pathOf(syntax.args[0]) === path
    );
  }
  if (template.op === 'name' && template.name.startsWith('VALUE')) {
    const value = valueOf(syntax);
    if (value === undefined) return false;
    found.set(template.name, value);
    return true;
  }
  switch (template.op) {
    case 'name':
      return syntax.op === 'name' && syntax.name === template.name;
    case 'number':
      return syntax.op === 'number' && syntax.text === template.text;
    case 'literal':
      return syntax.op === 'literal' && syntax.value === template.value;
    case 'operator':
    case 'function':
      return (
        syntax.op === template.op &&
        syntax.name === template.name &&
        syntax.args.length === template.args.length &&
        template.args.every((arg, index) => unify(arg, syntax.args[index] as Syntax, path, field, found))
      );
    default:
      return false;
  }
}

/** The plain value of a literal, of a list of them, or of a date in its function; undefined for anything else. */
function valueOf(syntax: Syntax): unknown {
  if (syntax.op === 'literal') return syntax.value ?? undefined;
  if (syntax.op === 'number') return Number(syntax.text);
  if (syntax.op === 'operator' && syntax.name === 'neg' && syntax.args[0]?.op === 'number')
    return -Number(syntax.args[0].text);
  if (
    syntax.op === 'function' &&
    (syntax.name === 'DATE' || syntax.name === 'DATETIME') &&
    syntax.args.length === 1 &&
    syntax.args[0]?.op === 'literal'
  )
    return syntax.args[0].value ?? undefined;
  if (syntax.op !== 'list') return undefined;
  const values = syntax.items.map(valueOf);
  return values.includes(undefined) ? undefined : values;
}

/** `company.name` of a name or member; null for anything else. */
function pathOf(syntax: Syntax | undefined): string | null {
  if (syntax?.op === 'name') return syntax.name;
  if (syntax?.op !== 'member') return null;
  const of = pathOf(syntax.of);
  return of === null ? null : `${of}.${syntax.name}`;
}

/** Every path that the expression names, outermost only. */
function pathsIn(syntax: Syntax): string[] {
  const path = pathOf(syntax);
  if (path !== null) return [path];
  const children = syntax.op === 'list' ? syntax.items : 'args' in syntax ? syntax.args : [];
  return [...new Set(children.flatMap(pathsIn))];
}
