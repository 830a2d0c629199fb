import { listOf } from './document.js';
import type { Json } from './document.js';

export interface LayoutField {
  field: string;
  span?: 1 | 2 | 3;
}

export interface LayoutSection {
  id: string;
  title: string;
  columns: 1 | 2 | 3;
  fields: LayoutField[];
  collapsed?: boolean;
  showWhen?: string;
  readOnlyWhen?: string;
  tab?: string;
}

/** The sections of a form document. */
export function sectionsOf(form: Json): LayoutSection[] {
  return listOf<LayoutSection>(form, 'sections').map((section) => ({
    ...section,
    fields: [...(section.fields ?? [])],
  }));
}

/** Takes a field out of where it stands and puts it into a section, before another field or at the end. */
export function moveField(
  sections: readonly LayoutSection[],
  field: string,
  to: { section: string; before?: string } | null,
): LayoutSection[] {
  const held = sections.flatMap((section) => section.fields).find((one) => one.field === field) ?? { field };
  return sections.map((section) => {
    const rest = section.fields.filter((one) => one.field !== field);
    if (to?.section !== section.id) return { ...section, fields: rest };
    const at = rest.findIndex((one) => one.field === to.before);
    return { ...section, fields: at < 0 ? [...rest, held] : [...rest.slice(0, at), held, ...rest.slice(at)] };
  });
}

/** Moves a field by one place, over the edge of its section into the next one. */
export function stepField(sections: readonly LayoutSection[], field: string, by: 1 | -1): LayoutSection[] {
  const s = sections.findIndex((section) => section.fields.some((one) => one.field === field));
  const section = sections[s];
  if (section === undefined) return [...sections];
  const f = section.fields.findIndex((one) => one.field === field);
  const target = f + by;
  if (target >= 0 && target < section.fields.length) {
    const before = section.fields[by === 1 ? target + 1 : target]?.field;
    return moveField(sections, field, { section: section.id, ...(before ? { before } : {}) });
  }
  const neighbour = sections[s + by];
  if (neighbour === undefined) return [...sections];
  const first = neighbour.fields[0]?.field;
  return moveField(sections, field, { section: neighbour.id, ...(by === 1 && first ? { before: first } : {}) });
}

/** A section with some properties changed; undefined takes one out. */
export function patchSection(
  sections: readonly LayoutSection[],
  id: string,
  patch: Partial<LayoutSection>,
): LayoutSection[] {
  return sections.map((section) => {
    if (section.id !== id) return section;
    const next = { ...section, ...patch };
    for (const key of ['collapsed', 'showWhen', 'readOnlyWhen', 'tab'] as const) if (!next[key]) delete next[key];
    return next;
  });
}

/** An id that no section has, e.g. `section-2`. */
export function freeId(taken: readonly string[], stem: string): string {
  for (let n = 1; ; n++) if (!taken.includes(`${stem}-${n}`)) return `${stem}-${n}`;
}
