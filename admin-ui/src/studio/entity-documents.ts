import type { WorkspaceOperation } from '../../../schemas/studio.js';

/** What the dialog asks of a new entity. */
export interface NewEntity {
  /** `x.project` */
  id: string;
  title: string;
  plural: string;
  icon: string;
  /** Reference data that belongs to everybody. */
  isShared: boolean;
}

/** The operations that make an entity with a name field, its list, its form and its place in the navigation. */
export function entityDocuments({ id, title, plural, icon, isShared }: NewEntity): WorkspaceOperation[] {
  const name = id.slice(2);
  const made = (type: string, as: string, value: Record<string, unknown>): WorkspaceOperation => ({
    type,
    id: as,
    op: 'set',
    at: '',
    value,
  });
  return [
    made('entity', id, {
      $id: id,
      title,
      type: 'object',
      required: ['name'],
      properties: {
        name: { title: 'Name', type: 'string', maxLength: 200, 'x-field': { kind: 'text', searchable: true } },
      },
      'x-entity': { titleField: 'name', titlePlural: plural, icon, ownership: isShared ? 'none' : 'principal' },
    }),
    made('view', `x.all-${name}`, {
      entity: id,
      title: plural,
      type: 'list',
      columns: [{ field: 'name' }, { field: 'createdAt' }, { field: 'updatedAt' }],
      sort: ['-createdAt'],
      default: true,
    }),
    made('form', `x.${name}`, {
      entity: id,
      title,
      default: true,
      sections: [{ id: 'main', title: 'Details', columns: 2, fields: [{ field: 'name', span: 2 }] }],
      timeline: true,
    }),
    made('navigation', `x.${name}`, { title: plural, icon, order: 500, items: [{ entity: id }] }),
  ];
}
