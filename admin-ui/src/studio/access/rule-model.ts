import type { WorkspaceOperation } from '../../../../schemas/studio.js';
import { listOf, objectOf, textOf } from '../document.js';
import type { Json } from '../document.js';

/** Users by role, team or territory, or all of them. Teams and territories by their names. */
export interface Whom {
  roles: string[];
  teams: string[];
  territories: string[];
  everyone: boolean;
}

/** A sharing rule as its dialog has it. */
export interface SharingRule {
  title: string;
  entity: string;
  access: 'read' | 'edit';
  to: Whom;
  /** Which records: by a condition on them, or by who owns them. */
  by: 'when' | 'ownedBy';
  when: string;
  ownedBy: Whom;
  /** The instant at which it ends; null: it does not. */
  until: string | null;
}

/** A restriction rule as its dialog has it; no roles: everybody but administrators. */
export interface RestrictionRule {
  title: string;
  entity: string;
  when: string;
  roles: string[];
}

export const nobody = (): Whom => ({ roles: [], teams: [], territories: [], everyone: false });

export function isNobody({ roles, teams, territories, everyone }: Whom): boolean {
  return !everyone && roles.length + teams.length + territories.length === 0;
}

export function readSharing(document: Json): SharingRule {
  return {
    title: textOf(document, 'title'),
    entity: textOf(document, 'entity'),
    access: document.access === 'edit' ? 'edit' : 'read',
    to: readWhom(objectOf(document, 'to')),
    by: document.ownedBy === undefined ? 'when' : 'ownedBy',
    when: textOf(document, 'when'),
    ownedBy: readWhom(objectOf(document, 'ownedBy')),
    until: textOf(document, 'until') || null,
  };
}

export function writeSharing({ title, entity, access, to, by, when, ownedBy, until }: SharingRule): Json {
  const which = by === 'when' ? { when } : { ownedBy: writeWhom(ownedBy) };
  return { title, entity, access, to: writeWhom(to), ...which, ...(until === null ? {} : { until }) };
}

export function readRestriction(document: Json): RestrictionRule {
  return {
    title: textOf(document, 'title'),
    entity: textOf(document, 'entity'),
    when: textOf(document, 'when'),
    roles: [...listOf<string>(document, 'roles')],
  };
}

export function writeRestriction({ title, entity, when, roles }: RestrictionRule): Json {
  return { title, entity, when, ...(roles.length > 0 ? { roles } : {}) };
}

/** The operations that make the one document of the other: a keyword each, so that what nobody touched stays whose it was. */
export function ruleChanges(type: string, id: string, before: Json, after: Json): WorkspaceOperation[] {
  const keys = new Set(
    Object.keys({ ...before, ...after }).filter((key) => key !== '$schema' && key !== 'description'),
  );
  return [...keys].flatMap((key): WorkspaceOperation[] => {
    if (JSON.stringify(before[key]) === JSON.stringify(after[key])) return [];
    const of = { type, id, at: `/${key}` };
    return [key in after ? { ...of, op: 'set', value: after[key] } : { ...of, op: 'unset' }];
  });
}

function readWhom(document: Json): Whom {
  return {
    roles: [...listOf<string>(document, 'roles')],
    teams: [...listOf<string>(document, 'teams')],
    territories: [...listOf<string>(document, 'territories')],
    everyone: document.everyone === true,
  };
}

function writeWhom({ everyone, ...named }: Whom): Json {
  if (everyone) return { everyone: true };
  return Object.fromEntries(Object.entries(named).filter(([, names]) => names.length > 0));
}
