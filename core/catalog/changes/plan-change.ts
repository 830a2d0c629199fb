import { conflict, isTrellisError, type Issue } from '../../base/errors.js';
import {
  findLostValues,
  planInStages,
  readShape,
  tryOnShadow,
  type DatabaseShape,
  type DdlStep,
  type Preparation,
} from '../../storage/index.js';
import type { Tx } from '../../sdk/index.js';
import { findUnknownNames } from '../unknown-names.js';
import { lockTimeoutMs, withRetry } from '../with-retry.js';
import type { ChangesDeps } from './deps.js';
import { diffTouched } from './diff-touched.js';
import { findOvertaken } from './overtaken.js';
import { prepareChange, type Prepared, type Standing } from './prepare.js';
import type { ChangeInput, ChangePlan, ChangeProblem, Overtaken } from './types.js';
import { toStatement } from './to-statement.js';
import { findWarnings } from './warnings.js';

/** The statements of a prepared change, or why its tables cannot be had. */
export interface PreparedDdl {
  readonly steps: readonly DdlStep[];
  /** What must be done first, beside the writers; null: nothing. */
  readonly preparation: Preparation | null;
  readonly problems: readonly ChangeProblem[];
}

/** Throws catalog.changed where the author saw another epoch. */
export function mustBeEpoch(standing: Standing, epoch: number | undefined): void {
  if (epoch === undefined || epoch === standing.stored.epoch) return;
  throw conflict('catalog.changed', 'Somebody changed the catalog meanwhile.', {
    hint: 'Plan again on what stands now.',
    params: { expected: epoch, epoch: standing.stored.epoch },
  });
}

/** What apply would do, found out in memory and on an empty shadow of the tables; the tables themselves are not touched. */
export async function planChange(deps: ChangesDeps, input: ChangeInput): Promise<ChangePlan> {
  const standing = await deps.standing();
  mustBeEpoch(standing, input.epoch);
  const prepared = prepareChange(standing, input);
  const overtaken = await findOvertaken(deps, standing, input);
  const plan = await describePlan(deps, prepared, input, overtaken);
  const unknown = await unknownNames(deps, prepared);
  return { ...plan, applicable: plan.applicable && unknown.length === 0, problems: [...plan.problems, ...unknown] };
}

/** Rules of the change that name roles, teams and territories that are not there: whoever writes them means somebody. */
export async function unknownNames(deps: Pick<ChangesDeps, 'ask'>, prepared: Prepared): Promise<ChangeProblem[]> {
  if (prepared.problems.length > 0) return [];
  const { schema, folded } = prepared.after;
  const found = await findUnknownNames(
    deps.ask,
    { schema, definitions: (type) => folded.definitions(type) },
    prepared.composed.touched,
  );
  return found.map(({ pointer, ...rest }) => ({ ...rest, at: pointer }));
}

/** The plan of what is prepared. */
export async function describePlan(
  deps: ChangesDeps,
  prepared: Prepared,
  input: Pick<ChangeInput, 'onBroken'>,
  overtaken: readonly Overtaken[] = [],
): Promise<ChangePlan> {
  const ddl = await withRetry(deps, () =>
    deps.db.transaction((tx) => planTables(deps, tx, prepared, true), { retries: 0, lockTimeoutMs }),
  );
  const problems = [...prepared.problems, ...ddl.problems];
  const warnings = prepared.problems.length > 0 ? [] : await findWarnings(deps.db, prepared);
  return {
    epoch: prepared.standing.stored.epoch,
    applicable: problems.length === 0 && overtaken.length === 0,
    statements: [...(ddl.preparation?.steps ?? []), ...ddl.steps].map(toStatement),
    diff: diffTouched(prepared.composed.touched),
    problems,
    broken: [...prepared.broken],
    overtaken: [...overtaken],
    warnings: [
      ...warnings,
      ...(input.onBroken === 'remove' && prepared.broken.length > 0
        ? [
            {
              code: 'catalog.references_removed',
              message: `${prepared.broken.length} references are taken out with it.`,
              params: { references: prepared.broken.length },
            },
          ]
        : []),
      ...(ddl.preparation === null ? [] : [copiedFirst]),
      ...ddl.steps
        .filter((step) => step.concurrent)
        .map((step) => ({
          code: 'catalog.index_later',
          message: `The index ${step.index ?? ''} is built by a job after the change.`,
          params: { entity: step.entity, index: step.index ?? '' },
        })),
    ],
  };
}

const copiedFirst = {
  code: 'catalog.copied_first',
  message: 'Values are first copied into the new kind by a job, beside everybody; the change counts when that is done.',
};

/** The statements. With `isTried` they were run on an empty shadow of the tables. Nothing where the definitions are refused. */
export async function planTables(
  deps: ChangesDeps,
  tx: Tx,
  { after, problems, purged }: Prepared,
  isTried: boolean,
): Promise<PreparedDdl> {
  if (problems.length > 0) return { steps: [], preparation: null, problems: [] };
  try {
    const shape = await readShape(tx);
    const options = {
      collation: deps.collation,
      zone: deps.zone,
      purged: purged.fields,
      purgedEntities: purged.entities,
    };
    const staged = planInStages(shape, after.schema, options);
    const all = [...(staged.preparation?.steps ?? []), ...staged.steps];
    return { ...staged, problems: isTried ? await tryTables(tx, all, shape) : [] };
  } catch (error) {
    if (!isTrellisError(error) || error.code !== 'catalog.not_storable') throw error;
    return { steps: [], preparation: null, problems: (error.issues ?? []).map(toProblem) };
  }
}

async function tryTables(tx: Tx, steps: readonly DdlStep[], shape: DatabaseShape): Promise<ChangeProblem[]> {
  if (steps.length === 0) return [];
  const fault = await tryOnShadow(tx, steps, shape);
  if (fault !== null)
    return [{ type: 'entity', id: fault.step.entity, at: '', code: 'catalog.not_storable', message: fault.message }];
  return (await findLostValues(tx, steps)).map(({ issue }) => toProblem(issue));
}

/** `contacts.company.x_vip` is the field of an entity. */
function toProblem({ path, code, message }: Issue): ChangeProblem {
  const [plugin, name, field] = path.split('.');
  return { type: 'entity', id: `${plugin}.${name}`, at: field ? `/properties/${field}` : '', code, message };
}
