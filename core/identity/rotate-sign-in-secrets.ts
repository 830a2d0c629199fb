import type { Database, Secrets } from '../storage/index.js';
import { secretContext } from './providers.js';
import { totpContext } from './totp.js';

/** Where this room keeps sealed texts: table, key, and the context that each opens in. */
const places = [
  { table: 'trellis.totp', key: 'user_id', contextOf: totpContext },
  { table: 'trellis.identity_provider', key: 'id', contextOf: secretContext },
] as const;

/**
 * Seals the secrets of second factors and providers anew with the present key. `failed` counts those that no key at hand opens;
 * they stay as they are. Safe to repeat.
 */
export async function rotateSignInSecrets(
  database: Database,
  secrets: Secrets,
): Promise<{ rotated: number; failed: number }> {
  let rotated = 0;
  let failed = 0;
  for (const { table, key, contextOf } of places)
    await database.transaction(async (tx) => {
      const rows = await tx.query<{ id: string; sealed: string }>(
        `select ${key}::text as id, sealed from ${table} where sealed is not null order by ${key} for update`,
      );
      for (const { id, sealed } of rows.filter((row) => !secrets.isCurrent(row.sealed))) {
        const text = openOr(secrets, sealed, contextOf(id));
        if (text === null) failed++;
        else {
          await tx.query(`update ${table} set sealed = $2 where ${key}::text = $1`, [
            id,
            secrets.seal(text, contextOf(id)),
          ]);
          rotated++;
        }
      }
    });
  return { rotated, failed };
}

/** The text, or null where no key at hand opens it. */
function openOr(secrets: Secrets, sealed: string, context: string): string | null {
  try {
    return secrets.open(sealed, context);
  } catch {
    return null;
  }
}
