export interface SettingsPage {
  /** Also the last part of its address and of its keys. */
  id: string;
  icon: string;
  /** Only administrators get an answer from the server there. */
  admin: boolean;
}

const all: readonly SettingsPage[] = [
  { id: 'profile', icon: 'user', admin: false },
  { id: 'keys', icon: 'key', admin: false },
  { id: 'users', icon: 'users', admin: true },
  { id: 'teams', icon: 'contact', admin: true },
  { id: 'territories', icon: 'map', admin: true },
  { id: 'sign-in', icon: 'shield', admin: true },
  { id: 'directory', icon: 'users-round', admin: true },
  { id: 'mail', icon: 'mail', admin: true },
  { id: 'privacy', icon: 'lock', admin: true },
  { id: 'plugins', icon: 'plug', admin: true },
  { id: 'audit', icon: 'history', admin: true },
  { id: 'jobs', icon: 'list-checks', admin: true },
  { id: 'backups', icon: 'database', admin: true },
];

/** The pages of the settings that a user can use. */
export function settingsPages(user: { isAdministrator: boolean; mayReadAudit: boolean }): readonly SettingsPage[] {
  return all.filter((page) => user.isAdministrator || !page.admin || (page.id === 'audit' && user.mayReadAudit));
}
