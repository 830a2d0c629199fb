import type { ValidateFunction } from 'ajv/dist/2020.js';
import { invalid, missing, type Issue } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import { makeAjv } from '../schema/index.js';
import type { ActionDefinition, Json, PageDefinition } from '../sdk/index.js';

interface KnownAction {
  readonly definition: ActionDefinition;
  readonly validate: ValidateFunction;
}

/** Actions and pages that count now. */
export interface Registry {
  readonly actions: ReadonlyMap<string, KnownAction>;
  readonly pages: ReadonlyMap<string, PageDefinition>;
  add(part: { actions?: readonly ActionDefinition[]; pages?: readonly PageDefinition[] }): void;
  remove(part: { actions?: readonly ActionDefinition[]; pages?: readonly PageDefinition[] }): void;
}

/** An empty registry. */
export function createRegistry(): Registry {
  const actions = new Map<string, KnownAction>();
  const pages = new Map<string, PageDefinition>();
  const free = (id: string): void => {
    if (actions.has(id) || pages.has(id))
      throw invalid('action.defined_twice', `There is already an action or page "${id}".`, { params: { id } });
  };
  return {
    actions,
    pages,
    add(part) {
      for (const definition of part.actions ?? []) {
        free(definition.id);
        actions.set(definition.id, { definition, validate: compileInput(definition) });
      }
      for (const page of part.pages ?? []) {
        free(page.id);
        pages.set(page.id, page);
      }
    },
    remove(part) {
      for (const { id } of part.actions ?? []) actions.delete(id);
      for (const { id } of part.pages ?? []) pages.delete(id);
    },
  };
}

/** The action of that id. `known` are the ids that may be suggested. Throws action.not_found. */
export function findAction(registry: Registry, id: string, known: Iterable<string>): KnownAction {
  const found = registry.actions.get(id);
  if (found) return found;
  throw noAction(id, known);
}

export function noAction(id: string, known: Iterable<string>): Error {
  return missing('action.not_found', `There is no action "${id.slice(0, 80)}".${didYouMean(id.slice(0, 80), known)}`, {
    params: { action: id.slice(0, 80) },
  });
}

/** Throws action.bad_input with every fault. */
export function checkInput({ definition, validate }: KnownAction, input: Json): void {
  if (validate(input)) return;
  const issues: Issue[] = (validate.errors ?? []).slice(0, 50).map((error) => {
    const extra = (error.params as { additionalProperty?: string }).additionalProperty;
    const known = Object.keys((definition.input.properties ?? {}) as object);
    return extra === undefined
      ? {
          path: error.instancePath,
          code: `field.${error.keyword}`,
          message: `${error.instancePath.slice(1) || 'The input'} ${error.message ?? 'cannot be taken'}.`,
        }
      : {
          path: `${error.instancePath}/${extra}`,
          code: 'request.unknown_key',
          message: `There is no "${extra}" here.${didYouMean(extra, known)}`,
        };
  });
  throw invalid(
    'action.bad_input',
    issues.length === 1 ? issues[0].message : `The input has ${issues.length} faults.`,
    {
      issues,
    },
  );
}

function compileInput(definition: ActionDefinition): ValidateFunction {
  // What it does not name is refused, unless it says otherwise. That it is a JSON Schema was seen when the plugin was loaded.
  return makeAjv({ validateSchema: false }).compile({
    type: 'object',
    additionalProperties: false,
    ...definition.input,
  });
}
