import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import '@fontsource-variable/inter/index.css';
import './ui/element-css.js';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import { ApiProblem, configureClient } from './api/index.js';
import App from './App.vue';
import { i18n, setLocale, startLocale } from './i18n/index.js';
import { useSession } from './meta/index.js';
import { createAppRouter } from './router.js';
import { setConnection } from './shell/connection.js';
import { keepFocus, passEscape } from './ui/index.js';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && error instanceof ApiProblem && (error.isOffline || error.status >= 502),
    },
  },
});

const app = createApp(App);
const router = createAppRouter(queries);

configureClient({
  locale: () => i18n.global.locale.value,
  onConnection: setConnection,
  onSignedOut: () => {
    useSession().forget();
    queries.clear();
    const from = router.currentRoute.value;
    if (from.name !== 'sign-in') void router.replace({ name: 'sign-in', query: { next: from.fullPath } });
  },
});

await setLocale(startLocale());
app.use(createPinia()).use(i18n).use(VueQueryPlugin, { queryClient: queries }).use(router).mount('#app');
keepFocus();
passEscape();
