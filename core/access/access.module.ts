import { Module } from '@nestjs/common';
import type { Config } from '../base/config.js';
import { CONFIG } from '../base/tokens.js';
import { CATALOG, CatalogModule, type CatalogService } from '../catalog/index.js';
import { displayCollation, loadSecret } from '../storage/index.js';
import { ACCESS, createAccess } from './access.js';

@Module({
  imports: [CatalogModule],
  providers: [
    {
      provide: ACCESS,
      inject: [CATALOG, CONFIG],
      useFactory: async (catalog: CatalogService, config: Config) =>
        createAccess({
          catalog,
          cursorKey: await loadSecret(config, 'cursor'),
          collation: displayCollation(config.workspace.locale),
        }),
    },
  ],
  exports: [ACCESS],
})
export class AccessModule {}
