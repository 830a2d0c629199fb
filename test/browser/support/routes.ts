import type { TestApp } from '../../support/app.js';

/** A page of the admin: where it is and the end of the window's title in English. */
export interface Route {
  readonly name: string;
  readonly path: string;
  readonly title: string;
  /** Refused requests that belong to it, e.g. to a page about something that does not exist. */
  readonly refused?: RegExp;
  readonly as?: null;
}

const missing = '00000000-0000-7000-8000-000000000000';

/** Every page of the admin, with the states of it that look different. `{contact}` and `{company}` become ids of demo records. */
export const routes: readonly Route[] = [
  { name: 'sign-in', path: '/sign-in', title: 'Sign in · Trellis', as: null, refused: /^401 \/api\/session$/ },
  {
    name: 'forgotten password',
    path: '/forgot-password',
    title: 'Forgotten password · Trellis',
    as: null,
    refused: /^401 \/api\/session$/,
  },
  {
    name: 'a link that does not count',
    path: '/choose-password',
    title: 'Choose a password · Trellis',
    as: null,
    refused: /^(401 \/api\/session|404 \/api\/session\/link)$/,
  },
  { name: 'home', path: '/', title: 'Home · Trellis' },
  { name: 'list', path: '/records/contacts.contact', title: 'Contacts · Trellis' },
  {
    name: 'list, filtered',
    path: '/records/contacts.company?filter=type+%3D%3D+"partner"',
    title: 'Companies · Trellis',
  },
  { name: 'list, grouped', path: '/records/contacts.company?group=type', title: 'Companies · Trellis' },
  { name: 'list, nothing found', path: '/records/contacts.company?q=qqqqqq', title: 'Companies · Trellis' },
  {
    name: 'list with a record beside it',
    path: '/records/contacts.contact?peek={contact}',
    title: 'Contacts · Trellis',
  },
  { name: 'activities', path: '/records/contacts.activity', title: 'Activities · Trellis' },
  { name: 'board', path: '/records/contacts.company?view=contacts.companies-by-type', title: 'Companies · Trellis' },
  { name: 'contact', path: '/records/contacts.contact/{contact}', title: 'Katrin Osterwald · Trellis' },
  { name: 'company', path: '/records/contacts.company/{company}', title: 'Havelberg Maschinenbau · Trellis' },
  { name: 'new record', path: '/records/contacts.company/new', title: 'New Company · Trellis' },
  {
    name: 'record that is not there',
    path: `/records/contacts.contact/${missing}`,
    title: 'Contact · Trellis',
    refused: /^404 /,
  },
  { name: 'imports', path: '/imports', title: 'Past imports · Trellis' },
  { name: 'import', path: '/import/contacts.company', title: 'Import into Companies · Trellis' },
  { name: 'recycle bin', path: '/trash/contacts.company', title: 'Recycle bin: Companies · Trellis' },
  { name: 'profile', path: '/settings/profile', title: 'Profile · Trellis' },
  { name: 'users', path: '/settings/users', title: 'Users · Trellis' },
  { name: 'teams', path: '/settings/teams', title: 'Teams · Trellis' },
  { name: 'territories', path: '/settings/territories', title: 'Territories · Trellis' },
  { name: 'API keys', path: '/settings/keys', title: 'API keys · Trellis' },
  { name: 'mail', path: '/settings/mail', title: 'Mail · Trellis' },
  { name: 'ways to sign in', path: '/settings/sign-in', title: 'Sign-in · Trellis' },
  { name: 'directory', path: '/settings/directory', title: 'Directory · Trellis' },
  { name: 'privacy', path: '/settings/privacy', title: 'Privacy · Trellis' },
  { name: 'plugins', path: '/settings/plugins', title: 'Plugins · Trellis' },
  { name: 'jobs', path: '/settings/jobs', title: 'Jobs · Trellis' },
  { name: 'audit', path: '/settings/audit', title: 'Audit · Trellis' },
  { name: 'backups', path: '/settings/backups', title: 'Backups · Trellis' },
  { name: 'data model', path: '/studio/entities', title: 'Data model · Trellis' },
  { name: 'entity in the Studio', path: '/studio/entities/contacts.company', title: 'Company · Trellis' },
  { name: 'studio: access', path: '/studio/access', title: 'Access · Trellis' },
  { name: 'studio: a role', path: '/studio/access/roles/core.member', title: 'Member · Trellis' },
  { name: 'who sees a record', path: '/records/contacts.company/{company}/access', title: 'Who sees this · Trellis' },
  { name: 'navigation', path: '/studio/navigation', title: 'Navigation · Trellis' },
  { name: 'templates', path: '/studio/templates', title: 'Templates · Trellis' },
  { name: 'review of changes', path: '/studio/review', title: 'Review changes · Trellis' },
  { name: 'change history', path: '/studio/changes', title: 'Change history · Trellis' },
  { name: 'packages', path: '/studio/packages', title: 'Packages · Trellis' },
  { name: 'upgrades', path: '/studio/upgrades', title: 'Upgrades · Trellis' },
  { name: 'list that is not there', path: '/records/contacts.compny', title: 'Trellis' },
  { name: 'page that is not there', path: '/nowhere', title: 'This page does not exist · Trellis' },
];

/** Fills in the ids of the demo records. */
export async function fillPath(app: TestApp, path: string): Promise<string> {
  const idOf = async (entity: string, q: string): Promise<string> => {
    const answer = await app.admin.get(`/api/records/${entity}?fields=id&limit=1&q=${encodeURIComponent(q)}`);
    return String(answer.body.data[0].id);
  };
  if (path.includes('{contact}')) return path.replace('{contact}', await idOf('contacts.contact', 'Osterwald'));
  if (path.includes('{company}'))
    return path.replace('{company}', await idOf('contacts.company', 'Havelberg Maschinenbau'));
  return path;
}
