import { didYouMean } from '../base/suggest.js';
import { pathNode, type PathNode } from './node.js';
import { refuse } from './report.js';
import type { Syntax } from './syntax.js';
import type { ExprScope, ExprType } from './types.js';

/** Resolves `company.name`. Only own names of the scope count. Throws expression.unknown_name, expression.type. */
export function resolvePath(syntax: Syntax, scope: ExprScope, source: string): PathNode {
  if (syntax.op === 'name') return pathNode([syntax.name], topLevel(syntax, scope, source), syntax.at);
  if (syntax.op !== 'member') throw refuse('expression.type', 'Only a field has members.', source, syntax.at);
  const of = resolvePath(syntax.of, scope, source);
  return pathNode([...of.path, syntax.name], member(of, syntax, scope, source), syntax.at);
}

function topLevel(syntax: Syntax & { op: 'name' }, scope: ExprScope, source: string): ExprType {
  const { name } = syntax;
  const variables = scope.variables ?? {};
  if (Object.hasOwn(variables, name)) return variables[name];
  const fields = scope.entity === null ? null : scope.members(scope.entity);
  const type = fields?.get(name);
  if (type !== undefined) return type;
  const where = scope.entity === null ? '' : ` in ${scope.entity}`;
  throw refuse(
    'expression.unknown_name',
    `There is no field "${name}"${where}.${didYouMean(name, [...(fields?.keys() ?? []), ...Object.keys(variables)])}`,
    source,
    syntax.at,
  );
}

function member(of: PathNode, syntax: Syntax & { op: 'member' }, scope: ExprScope, source: string): ExprType {
  const { name, at } = syntax;
  const { type } = of;
  const owner = of.path.join('.');
  if (type.t === 'list')
    throw refuse(
      'expression.type',
      `"${owner}" holds several values: they have no members.`,
      source,
      at,
      'Ask a list with in and size.',
    );
  if (type.t !== 'record' && type.t !== 'object')
    throw refuse('expression.type', `"${owner}" is a ${type.t}: it has no member "${name}".`, source, at);
  const members = type.t === 'object' ? new Map(Object.entries(type.members)) : common(type.entities, scope);
  const found = members.get(name);
  if (found !== undefined) return found;
  if (type.t === 'record' && [...members.keys()].every((key) => key === 'entity'))
    throw refuse(
      'expression.type',
      `"${owner}" may point at records of several kinds: it has no field "${name}".`,
      source,
      at,
      'Compare it with an id.',
    );
  throw refuse(
    'expression.unknown_name',
    `There is no field "${name}" in ${owner}.${didYouMean(name, members.keys())}`,
    source,
    at,
  );
}

/** The fields that all targets of a link have, with the same type. */
function common(entities: readonly string[], scope: ExprScope): Map<string, ExprType> {
  const [first, ...rest] = entities.map((entity) => scope.members(entity));
  const shared = new Map(first ?? []);
  // A link to records of any kind says which: `regarding.entity`.
  if (entities.length > 1 || entities[0] === '*') shared.set('entity', { t: 'text' });
  for (const other of rest) {
    for (const [key, type] of shared) {
      if (key !== 'entity' && other?.get(key)?.t !== type.t) shared.delete(key);
    }
  }
  return shared;
}
