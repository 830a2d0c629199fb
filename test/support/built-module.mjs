// In the place of a source file of the product: the exports of what was built of it, by `importBuilt` of `built-environment.mjs`.
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A transformer of jest. */
export default { processAsync };

async function processAsync(_source, path) {
  const { href } = pathToFileURL(join(root, 'dist', relative(root, path).replace(/\.ts$/, '.js')));
  const names = Object.keys(await import(href));
  const lines = names.map((name) =>
    name === 'default' ? 'export default built.default;' : `export const ${name} = built.${name};`,
  );
  return { code: [`const built = await importBuilt(${JSON.stringify(href)});`, ...lines].join('\n') };
}
