import { patternProblem } from './pattern.js';
import { pointerStep } from './problem.js';

interface Bound {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

const maxDepth = 40;
const maxNodes = 200_000;
const maxText = 100_000;
const dangerous = new Set(['__proto__', 'constructor', 'prototype']);
/** Keywords that give a schema a name or reach one by name. */
const identifiers = new Set([
  '$id',
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
  '$schema',
]);

/**
 * What makes a document dangerous before any validator looks at it: too deep, too large, a key that reaches prototypes, a
 * `$ref` out of the document or in a circle, a pattern that could match for ever.
 */
export function checkDocumentBounds(document: unknown, isSchema: boolean): Bound[] {
  const found: Bound[] = [];
  walk(document, '', 1, { nodes: 0, isSchema }, found);
  if (isSchema && found.length === 0) checkReferences(document, found);
  return found;
}

interface Walk {
  nodes: number;
  /** The document holds JSON Schemas: references and patterns count. */
  readonly isSchema: boolean;
}

function walk(value: unknown, pointer: string, depth: number, state: Walk, found: Bound[]): void {
  if (found.length >= 50) return;
  if (++state.nodes > maxNodes) {
    if (state.nodes === maxNodes + 1)
      found.push({ pointer: '', code: 'definition.too_large', message: `has more than ${maxNodes} values` });
    return;
  }
  if (typeof value === 'string' && value.length > maxText)
    found.push({ pointer, code: 'definition.too_large', message: `the text has more than ${maxText} characters` });
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) {
    found.push({ pointer, code: 'definition.too_deep', message: `is nested deeper than ${maxDepth} levels` });
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const at = pointer + pointerStep(key);
    if (dangerous.has(key))
      found.push({
        pointer: at,
        code: 'definition.bad_key',
        message: `"${key}" is a reserved word; choose another key`,
      });
    else if (state.isSchema && key === '$ref' && typeof inner === 'string') checkRef(inner, at, found);
    else if (state.isSchema && key === 'pattern' && typeof inner === 'string') checkPattern(inner, at, found);
    else if (state.isSchema && pointer !== '' && identifiers.has(key))
      found.push({
        pointer: at,
        code: 'definition.bad_reference',
        message: `"${key}" may not stand inside a field's schema`,
      });
    else walk(inner, at, depth + 1, state, found);
  }
}

function checkPattern(pattern: string, pointer: string, found: Bound[]): void {
  const problem = patternProblem(pattern);
  if (problem) found.push({ pointer, code: 'definition.unsafe_pattern', message: problem });
}

function checkRef(ref: string, pointer: string, found: Bound[]): void {
  if (/^#\/\$defs\/[A-Za-z][A-Za-z0-9]*$/.test(ref)) return;
  found.push({
    pointer,
    code: 'definition.bad_reference',
    message: `a reference may point to #/$defs/… of the same document only`,
  });
}

/** A `$defs` entry that reaches itself would never end when it is written out. */
function checkReferences(document: unknown, found: Bound[]): void {
  const $defs = (document as { $defs?: Record<string, unknown> } | null)?.$defs;
  if (typeof document !== 'object' || document === null) return;
  const defs = typeof $defs === 'object' && $defs !== null ? $defs : {};
  for (const name of refsIn({ ...document, $defs: undefined })) {
    if (!Object.hasOwn(defs, name))
      found.push({ pointer: '', code: 'definition.bad_reference', message: `"#/$defs/${name}" points to nothing` });
  }
  for (const name of Object.keys(defs)) {
    if (reaches(defs, name, name, new Set()))
      found.push({
        pointer: `/$defs${pointerStep(name)}`,
        code: 'definition.circular_reference',
        message: `"${name}" refers to itself`,
      });
  }
}

function reaches(defs: Record<string, unknown>, from: string, goal: string, seen: Set<string>): boolean {
  for (const name of refsIn(defs[from])) {
    if (name === goal) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    if (reaches(defs, name, goal, seen)) return true;
  }
  return false;
}

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner.replace('#/$defs/', '')] : refsIn(inner),
  );
}
