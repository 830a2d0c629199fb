import type { QueryClient } from '@tanstack/vue-query';
import { createRouter, createWebHistory } from 'vue-router';
import type { Router, RouteLocationNormalized, RouteRecordRaw } from 'vue-router';
import { hasChosenLocale, i18n, loadRoom, localeFor, setLocale } from './i18n/index.js';
import { useCatalog, useRecent, useSession } from './meta/index.js';

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title; pages that know better set it themselves. */
    title?: string;
    /** Reachable without being signed in. */
    open?: boolean;
    /** Shown without the frame. */
    bare?: boolean;
  }
}

const settings = (path: string, load: RouteRecordRaw['component']): RouteRecordRaw => ({
  path,
  name: `settings-${path}`,
  component: load as never,
  meta: { title: `settings.${path}.title` },
});

const studio = (path: string, name: string, load: RouteRecordRaw['component']): RouteRecordRaw => ({
  path,
  name: `studio-${name}`,
  component: load as never,
  props: true,
  // The page of one entity is called as that entity is, that of a role as the role.
  meta: name === 'entity' || name === 'role' ? {} : { title: `shell.studio.${name}` },
});

const routes: RouteRecordRaw[] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./pages/SignInPage.vue'),
    meta: { open: true, bare: true, title: 'signIn.title' },
  },
  {
    path: '/forgot-password',
    name: 'forgot-password',
    component: () => import('./pages/ForgotPasswordPage.vue'),
    meta: { open: true, bare: true, title: 'signIn.forgotTitle' },
  },
  {
    path: '/choose-password',
    name: 'choose-password',
    component: () => import('./pages/ChoosePasswordPage.vue'),
    meta: { open: true, bare: true, title: 'signIn.chooseTitle' },
  },
  { path: '/', name: 'home', component: () => import('./pages/HomePage.vue'), meta: { title: 'home.title' } },
  { path: '/records/:entity', name: 'list', component: () => import('./pages/ListPage.vue'), props: true },
  { path: '/records/:entity/:id', name: 'record', component: () => import('./pages/RecordPage.vue'), props: true },
  {
    path: '/records/:entity/:id/access',
    name: 'record-access',
    component: () => import('./pages/RecordAccessPage.vue'),
    props: true,
  },
  { path: '/imports', name: 'imports', component: () => import('./pages/ImportsPage.vue') },
  { path: '/import/:entity', name: 'import', component: () => import('./pages/ImportPage.vue'), props: true },
  { path: '/trash/:entity', name: 'trash', component: () => import('./pages/TrashPage.vue'), props: true },
  {
    path: '/settings',
    component: () => import('./pages/settings/SettingsPage.vue'),
    children: [
      { path: '', name: 'settings', redirect: { name: 'settings-profile' } },
      settings('profile', () => import('./pages/settings/ProfilePage.vue')),
      settings('users', () => import('./pages/settings/UsersPage.vue')),
      settings('teams', () => import('./pages/settings/TeamsPage.vue')),
      settings('territories', () => import('./pages/settings/TerritoriesPage.vue')),
      settings('keys', () => import('./pages/settings/KeysPage.vue')),
      settings('sign-in', () => import('./pages/settings/SignInSettingsPage.vue')),
      settings('directory', () => import('./pages/settings/DirectoryPage.vue')),
      settings('mail', () => import('./pages/settings/MailPage.vue')),
      settings('privacy', () => import('./pages/settings/PrivacyPage.vue')),
      settings('plugins', () => import('./pages/settings/PluginsPage.vue')),
      settings('jobs', () => import('./pages/settings/JobsPage.vue')),
      { ...settings('audit', () => import('./pages/settings/AuditPage.vue')), beforeEnter: () => loadRoom('audit') },
      settings('backups', () => import('./pages/settings/BackupsPage.vue')),
    ],
  },
  {
    path: '/studio',
    component: () => import('./pages/studio/StudioPage.vue'),
    beforeEnter: () => loadRoom('studio'),
    children: [
      { path: '', name: 'studio', redirect: { name: 'studio-entities' } },
      studio('entities', 'entities', () => import('./pages/studio/EntitiesPage.vue')),
      studio('entities/:entity', 'entity', () => import('./pages/studio/EntityPage.vue')),
      studio('access', 'access', () => import('./pages/studio/AccessPage.vue')),
      studio('access/roles/:role', 'role', () => import('./pages/studio/RolePage.vue')),
      studio('navigation', 'navigation', () => import('./pages/studio/NavigationPage.vue')),
      studio('templates', 'templates', () => import('./pages/studio/TemplatesPage.vue')),
      studio('packages', 'packages', () => import('./pages/studio/PackagesPage.vue')),
      studio('upgrades', 'upgrades', () => import('./pages/studio/UpgradesPage.vue')),
      studio('review', 'review', () => import('./pages/studio/ReviewPage.vue')),
      studio('changes', 'changes', () => import('./pages/studio/ChangesPage.vue')),
    ],
  },
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: () => import('./pages/NotFoundPage.vue'),
    meta: { title: 'notFound.title' },
  },
];

/** The router: asks for the session and the catalog before the first page, and keeps the title of the window. */
export function createAppRouter(queries: QueryClient): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  router.beforeEach(async (to) => {
    const session = useSession();
    if (!session.known) await session.load().catch(() => null);
    if (to.meta.open) return to.name === 'sign-in' && session.isSettled ? { name: 'home' } : true;
    if (!session.isSettled || session.session === null)
      return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
    await prepare(queries);
    return true;
  });
  router.afterEach((to) => setTitle(to));
  return router;
}

/** Language of the user, catalog, recent records: once after sign-in. */
async function prepare(queries: QueryClient): Promise<void> {
  const session = useSession();
  const catalog = useCatalog();
  if (catalog.catalog !== null || session.session === null) return;
  const { user, locale } = session.session;
  const wish = localeFor(user.locale, navigator.languages, locale);
  if (wish && !hasChosenLocale()) await setLocale(wish);
  useRecent().open(user.id);
  queries.clear();
  // Without the catalog the frame shows an error with a retry; the page itself waits.
  await catalog.load(i18n.global.locale.value).catch(() => undefined);
}

function setTitle(to: RouteLocationNormalized): void {
  const { t } = i18n.global;
  document.title = to.meta.title ? `${t(to.meta.title)} · Trellis` : 'Trellis';
}
