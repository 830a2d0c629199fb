import { CATALOG, type CatalogService } from '../catalog/index.js';
import { rotateSignInSecrets } from '../identity/index.js';
import { rotateSecrets } from '../records/index.js';
import { loadSecrets } from '../storage/index.js';
import type { Command } from './commands.js';
import { withKernel } from './kernel.js';

/** Commands over secret fields. */
export const secretsCommands: readonly Command[] = [
  {
    name: 'secrets rotate',
    values: [],
    flags: [],
    help: 'Encrypts secret fields, second factors and client secrets anew with TRELLIS_SECRET; TRELLIS_OLD_SECRET opens what is there.',
    run: ({ config, log, print }) =>
      withKernel(config, log, async ({ database, get }) => {
        const { current: catalog } = get<CatalogService>(CATALOG);
        const secrets = await loadSecrets(config);
        const fields = await rotateSecrets({ db: database, catalog, secrets });
        const signIn = await rotateSignInSecrets(database, secrets);
        const rotated = fields.rotated + signIn.rotated;
        const failed = fields.failed + signIn.failed;
        print(`${rotated} secrets were encrypted anew.`);
        if (failed > 0) print(`${failed} secrets cannot be opened with any key at hand; they were left as they are.`);
        return failed > 0 ? 1 : 0;
      }),
  },
];
