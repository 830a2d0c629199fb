// Puts the built server and Nest, a thousand small files, into one: half of the time of a start went into finding and opening
// them. As deep in dist as the rooms are, so that what is found by its place beside the code is found from here too.
import { join } from 'node:path';
import { build } from 'vite';
import { root } from './sources.mjs';

await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  build: {
    ssr: join(root, 'dist/core/main.js'),
    outDir: join(root, 'dist/core/bundle'),
    target: 'node20',
    minify: false,
    // Plugins are loaded from their own files, and with them the surface that they import.
    rolldownOptions: {
      external: [/^@nestjs\/(microservices|websockets|platform-express)/],
      output: { keepNames: true },
    },
  },
  ssr: { noExternal: [/^@nestjs\//] },
});
