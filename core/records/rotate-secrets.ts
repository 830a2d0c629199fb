import type { Catalog } from '../catalog/index.js';
import { quote } from '../query/index.js';
import type { EntityModel, FieldModel } from '../schema/index.js';
import type { Database, Secrets } from '../storage/index.js';
import { secretContext } from './prepare.js';

const ROWS_A_CHUNK = 500;

/** What became of the secrets: encrypted anew, and those that no key opens. */
export interface Rotation {
  readonly rotated: number;
  readonly failed: number;
}

/**
 * Encrypts all secrets with the present key that another one sealed, retired fields and the recycle bin included. In chunks, each
 * a transaction of its own; a secret that is changed meanwhile is left as it was written. Versions and history stay as they are.
 */
export async function rotateSecrets(
  deps: { readonly db: Database; readonly catalog: Catalog; readonly secrets: Secrets },
  onProgress: (rotation: Rotation) => void = () => undefined,
): Promise<Rotation> {
  let total: Rotation = { rotated: 0, failed: 0 };
  for (const entity of deps.catalog.schema.entities.values()) {
    const gone = deps.catalog.retiredFields(entity.id).map(({ field }) => field);
    for (const field of [...entity.fields.values(), ...gone].filter(({ kind }) => kind.sealed)) {
      let after: string | null = null;
      do {
        const chunk: Rotation & { last: string | null } = await rotateChunk(deps, entity, field, after);
        total = { rotated: total.rotated + chunk.rotated, failed: total.failed + chunk.failed };
        after = chunk.last;
        onProgress(total);
      } while (after !== null);
    }
  }
  return total;
}

async function rotateChunk(
  { db, secrets }: { readonly db: Database; readonly secrets: Secrets },
  entity: EntityModel,
  field: FieldModel,
  after: string | null,
): Promise<Rotation & { last: string | null }> {
  const [{ name }] = field.kind.columns(field);
  const place = entity.overflow.find((each) => each.columns.has(name));
  const [table, key] = place ? [place.table, quote(place.key)] : [entity.table, 'id'];
  const column = quote(name);
  return db.transaction(async (tx) => {
    const rows = await tx.query<{ id: string; sealed: string }>(
      `select t.${key} as id, t.${column} as sealed from ${table} t where t.${column} is not null and not starts_with(t.${column}, $1) and ($2::uuid is null or t.${key} > $2) order by t.${key} limit ${ROWS_A_CHUNK}`,
      [`v1.${secrets.keyId}.`, after],
    );
    const anew: { id: string; old: string; new: string }[] = [];
    for (const { id, sealed } of rows) {
      const context = secretContext(field, id);
      const text = opened(secrets, sealed, context);
      if (text !== null) anew.push({ id, old: sealed, new: secrets.seal(text, context) });
    }
    const done =
      anew.length === 0
        ? []
        : await tx.query(
            `update ${table} t set ${column} = i.new from json_to_recordset($1::json) as i(id uuid, old text, new text) where t.${key} = i.id and t.${column} = i.old returning 1`,
            [JSON.stringify(anew)],
          );
    const last = rows.length < ROWS_A_CHUNK ? null : rows[rows.length - 1].id;
    return { rotated: done.length, failed: rows.length - anew.length, last };
  });
}

function opened(secrets: Secrets, sealed: string, context: string): string | null {
  try {
    return secrets.open(sealed, context);
  } catch {
    // Counted as failed: the others must not wait for it.
    return null;
  }
}
