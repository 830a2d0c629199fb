import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { objectOf, pointer, textOf } from './document.js';
import type { Json } from './document.js';
import { useChanges } from './use-changes.js';
import { useTexts } from './use-texts.js';

/** A field as the table of fields shows it. */
export interface FieldRow {
  key: string;
  /** In the language of whoever reads, where it is translated. */
  title: string;
  kind: string;
  retired: boolean;
  /** Made by the workspace, so that it may also be deleted. */
  own: boolean;
  /** The pending operation that deletes it for good, if there is one. */
  purge: WorkspaceOperation | undefined;
}

/** The fields of an entity as they will be, retired ones and those about to go included. */
export function useFieldRows(entity: () => string, document: () => Json) {
  const { locale } = useI18n();
  const changes = useChanges();
  const { textsAt, givenAt } = useTexts();

  function titleOf(key: string, property: Json): string {
    const at = ['entity', entity(), pointer('properties', key, 'title')] as const;
    return textsAt(...at)[locale.value] || givenAt(...at)[locale.value] || textOf(property, 'title') || key;
  }
  return computed<FieldRow[]>(() => {
    const purges = changes.operations.filter(
      (one) => one.op === 'purge' && one.type === 'entity' && one.id === entity(),
    );
    return Object.entries(objectOf(document(), 'properties')).map(([key, value]) => {
      const property = value as Json;
      const x = objectOf(property, 'x-field');
      return {
        key,
        title: titleOf(key, property),
        kind: textOf(x, 'kind'),
        retired: x.retired === true,
        own: entity().startsWith('x.') || key.startsWith('x_'),
        purge: purges.find((one) => one.at === pointer('properties', key)),
      };
    });
  });
}
