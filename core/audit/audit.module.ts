import { Global, Module } from '@nestjs/common';
import { AUDIT_LOG } from '../base/tokens.js';
import { DATABASE, type Database } from '../storage/index.js';
import { createAudit } from './create-audit.js';

/** Nest injection token of `Audit`; the same object stands under AUDIT_LOG for rooms that only append. */
export const AUDIT = Symbol('AUDIT');

@Global()
@Module({
  providers: [
    { provide: AUDIT, useFactory: (database: Database) => createAudit({ database }), inject: [DATABASE] },
    { provide: AUDIT_LOG, useExisting: AUDIT },
  ],
  exports: [AUDIT, AUDIT_LOG],
})
export class AuditModule {}
