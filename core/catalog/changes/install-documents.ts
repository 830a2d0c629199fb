import { conflict } from '../../base/errors.js';
import { sameJson, valueAtPointer, workspaceLayer, type Operation } from '../../schema/index.js';
import type { Ctx } from '../../sdk/index.js';
import type { Definition } from '../types.js';
import { applyChange } from './apply-change.js';
import { checkReason } from './check-operations.js';
import { changeOf, isOwnId } from './compose-layer.js';
import type { ChangesDeps } from './deps.js';
import { describePlan, mustBeEpoch } from './plan-change.js';
import { isWithin } from './pointers.js';
import { prepareChange, type Standing } from './prepare.js';
import type { Book, ChangePlan, ChangeProblem, InstallInput, WorkspaceOperation } from './types.js';

/** What installing documents of another workspace into this one would do; what is here already in another form is a problem. */
export async function planInstall(deps: ChangesDeps, input: InstallInput): Promise<ChangePlan> {
  const standing = await deps.standing();
  mustBeEpoch(standing, input.epoch);
  const plan = await describePlan(deps, prepareChange(standing, { operations: operationsOf(input.documents) }), {});
  const problems = [...collisionsOf(standing, input.documents), ...plan.problems];
  return { ...plan, problems, applicable: problems.length === 0 };
}

/** Does it, as one change set. Returns its id. Throws package.collision, change.refused. */
export async function installDocuments(deps: ChangesDeps, ctx: Ctx, input: InstallInput, book?: Book): Promise<string> {
  return applyChange(deps, ctx, {
    reason: checkReason(input.reason),
    operations: [],
    epoch: input.epoch,
    book,
    compose: (standing) => {
      const collisions = collisionsOf(standing, input.documents);
      if (collisions.length > 0)
        throw conflict('package.collision', `${collisions[0].id}: ${collisions[0].message}`, {
          issues: collisions.map(({ type, id, at, code, message }) => ({ path: `${type}:${id}#${at}`, code, message })),
        });
      return operationsOf(input.documents);
    },
  });
}

/** A whole document is set as a whole, a change is its operations. */
function operationsOf(documents: readonly Definition[]): WorkspaceOperation[] {
  return documents.flatMap(({ type, id, document }) => {
    if (type !== 'change') return [{ type, id, op: 'set' as const, at: '', value: document }];
    const { target, operations } = document as unknown as ChangeDocument;
    return operations.map((operation) => ({ ...operation, type: target.type, id: target.id }));
  });
}

interface ChangeDocument {
  readonly target: { readonly type: string; readonly id: string };
  readonly operations: readonly Operation[];
}

/** Documents that are here with other contents, and places that this workspace has changed to something else. */
function collisionsOf({ stored, catalog }: Standing, documents: readonly Definition[]): ChangeProblem[] {
  const own = stored.layers.find((layer) => layer.plugin === workspaceLayer)?.documents ?? [];
  const find = (type: string, id: string): Definition | undefined =>
    own.find((one) => one.type === type && one.id === id);
  const code = 'package.collision';
  return documents.flatMap(({ type, id, document }): ChangeProblem[] => {
    if (type !== 'change') {
      const here = find(type, id);
      const isOther = here !== undefined && !sameJson(here.document, document);
      return isOther ? [{ type, id, at: '', code, message: 'is in this workspace already, with other contents' }] : [];
    }
    const { target, operations } = document as unknown as ChangeDocument;
    if (isOwnId(target.id))
      return [
        {
          ...target,
          at: '',
          code: 'change.foreign_document',
          message: 'a document of the workspace is installed as a whole',
        },
      ];
    const mine = find(changeOf(target.type, target.id).type, changeOf(target.type, target.id).id);
    const local = (mine?.document as unknown as ChangeDocument | undefined)?.operations ?? [];
    const effective = catalog.definitions(target.type).get(target.id)?.document;
    return operations.flatMap((operation) => {
      const isHere = local.some(({ at }) => isWithin(at, operation.at) || isWithin(operation.at, at));
      const wanted = 'value' in operation ? operation.value : undefined;
      const isSame = operation.op === 'move' || sameJson(valueAtPointer(effective, operation.at), wanted);
      const message = 'was changed in this workspace to something else';
      return isHere && !isSame ? [{ ...target, at: operation.at, code, message }] : [];
    });
  });
}
