// Writes .br and .gz beside the built files of the admin, so that the server never compresses while it answers.
// Run after the build: node core/http/precompress.mjs dist/admin-ui
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const compressible = /\.(js|mjs|css|html|json|svg|map|txt|webmanifest)$/;
/** Below this a header costs more than is won. */
const minBytes = 1024;

const [folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('Name the folder: node core/http/precompress.mjs dist/admin-ui\n');
  process.exit(1);
}
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  const path = join(folder, name);
  if (!compressible.test(name) || statSync(path).size < minBytes) continue;
  const bytes = readFileSync(path);
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  );
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
