import type { CatalogRecordType } from '../../../schemas/catalog.js';
import type { DescribeInput } from './describe-entity.js';
import type { ReadableEntity } from './readable.js';

/** The record types of an entity with texts in one language, without what they say of fields that the actor may not read. */
export function describeRecordTypes(
  { catalog, locale }: DescribeInput,
  { model, fields }: ReadableEntity,
): CatalogRecordType[] {
  return model.recordTypes.map(({ id, isDefault, retired, icon, color, form, options, defaults, ...type }) => {
    const definition = catalog.definitions('record-type').get(id);
    const texts = (definition ? catalog.localized(definition, locale) : type) as {
      title: string;
      description?: string;
    };
    return {
      id,
      title: texts.title,
      ...(texts.description === undefined ? {} : { description: texts.description }),
      ...(icon === undefined ? {} : { icon }),
      ...(color === undefined ? {} : { color }),
      default: isDefault && !retired,
      retired,
      options: Object.fromEntries(
        [...options].filter(([key]) => fields.has(key)).map(([key, values]) => [key, [...values]]),
      ),
      defaults: Object.fromEntries(Object.entries(defaults).filter(([key]) => fields.has(key))),
      ...(form === undefined ? {} : { form }),
    };
  });
}
