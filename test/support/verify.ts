import { CATALOG, type CatalogService } from '../../core/catalog/index.js';
import { DATABASE, type Database } from '../../core/storage/index.js';
import { verifyAccess, type VerifyInput, type VerifyReport } from '../../core/verify/index.js';
import { ADMIN, type TestApp } from './app.js';

/** The non-interference suite over an application of the tests. */
export function verifyApp(
  app: TestApp,
  input: Pick<VerifyInput, 'entities' | 'roles' | 'sample' | 'only' | 'onActor' | 'isHasty'>,
): Promise<VerifyReport> {
  const catalog = app.app.get<CatalogService>(CATALOG);
  return verifyAccess({
    ...input,
    url: app.url,
    admin: ADMIN,
    db: app.app.get<Database>(DATABASE),
    schema: () => catalog.current.schema,
  });
}

/** Findings as lines, for a failure that says what is wrong. */
export const linesOf = ({ findings }: VerifyReport): string[] =>
  findings.map(({ kind, actor, probe, left, right }) => `${kind} · ${actor} · ${probe}\n    ${left}\n    ${right}`);
