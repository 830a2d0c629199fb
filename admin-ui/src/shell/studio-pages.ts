export interface StudioPage {
  /** Also the last part of its address and of its key. */
  id: 'entities' | 'access' | 'navigation' | 'templates' | 'changes' | 'packages' | 'upgrades';
  icon: string;
}

/** The pages of the Studio, for administrators. */
export const studioPages: readonly StudioPage[] = [
  { id: 'entities', icon: 'database' },
  { id: 'access', icon: 'shield' },
  { id: 'navigation', icon: 'menu' },
  { id: 'templates', icon: 'mail' },
  { id: 'changes', icon: 'history' },
  { id: 'packages', icon: 'package' },
  { id: 'upgrades', icon: 'refresh-cw' },
];
