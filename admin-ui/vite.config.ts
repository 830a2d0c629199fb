import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Libraries that every page needs are cached apart from our own code, which changes more often. */
const shared: [name: string, test: RegExp][] = [
  ['vue', /node_modules[\\/](@vue|vue|vue-router|vue-i18n|@intlify|pinia)[\\/]/],
  ['data', /node_modules[\\/]@tanstack[\\/](vue-query|query-core)[\\/]/],
];

export default defineConfig({
  root: here,
  base: '/',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: '../dist/admin-ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: shared.map(([name, test]) => ({ name, test })) } } },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.PORT ?? 3000}`, changeOrigin: false } },
  },
});
