import { isObject } from './json.js';
import { extensionPrefix } from './names.js';
import type { Operation } from './operations.js';
import { pointerSteps } from './pointer.js';

/** Why an operation may not be done, whoever asks. */
export interface Refusal {
  readonly code: 'change.bad_prefix' | 'change.protected';
  readonly message: string;
}

/**
 * What a plugin's change may not touch. Of another's entity it may add and remove properties that start with its own prefix
 * (`x_` for the workspace), and change everything about the others but their kind and what decides who owns their records.
 * `$id` and `locale` name the document and stay. Null: it may.
 */
export function changeRefusal(
  plugin: string,
  target: { readonly type: string; readonly id: string },
  operation: Operation,
): Refusal | null {
  const steps = pointerSteps(operation.at);
  if (steps === null) return null;
  const [first, key, x, word] = steps;
  if (first === '$id' || (first === 'locale' && target.type === 'translation'))
    return refuse(`"${first}" names the document and cannot be changed`);
  if (first === 'entity' && steps.length === 1) return refuse('a definition stays with its entity; make another one');
  const owner = target.id.slice(0, target.id.indexOf('.'));
  if (target.type !== 'entity' || owner === plugin) return null;
  if (first === 'x-entity' && (key === 'ownership' || key === undefined))
    return refuse('who owns the records of an entity is decided by its own plugin');
  if (first !== 'properties') return null;
  const prefix = extensionPrefix(plugin);
  if (key !== undefined && key.startsWith(prefix)) return null;
  if (steps.length === 2 && isDefinition(operation))
    return {
      code: 'change.bad_prefix',
      message: `the key "${key}" must start with "${prefix}", since it stands on another plugin's entity; call it "${prefix}${key.replace(/^[^_]*_/, '')}"`,
    };
  if (steps.length <= 2) return refuse('a field of another plugin can be retired, but not removed or replaced');
  if (x === 'x-field' && (word === 'kind' || word === undefined))
    return refuse(`the kind of "${key}" can only be changed by the plugin that it belongs to`);
  return null;
}

function isDefinition(operation: Operation): boolean {
  return operation.op === 'set' && isObject(operation.value) && isObject(operation.value['x-field']);
}

function refuse(message: string): Refusal {
  return { code: 'change.protected', message };
}
