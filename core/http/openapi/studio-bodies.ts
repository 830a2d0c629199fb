/** Body of a draft, for the API description. */
export const draftSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    reason: { type: 'string', description: 'Why; kept in the history.', maxLength: 1000 },
    operations: {
      type: 'array',
      maxItems: 5000,
      items: {
        type: 'object',
        required: ['type', 'id', 'op', 'at'],
        properties: {
          type: { type: 'string', description: 'Type of the definition, e.g. entity.' },
          id: { type: 'string', description: 'Its id, e.g. contacts.company, or x.<name> for one of the workspace.' },
          op: { enum: ['set', 'unset', 'insert-before', 'move', 'remove', 'purge'] },
          at: {
            type: 'string',
            description: 'JSON Pointer; elements of lists by their key; empty: the document itself.',
          },
          value: { description: 'Of set and insert-before.' },
          before: {
            type: ['string', 'null'],
            description: 'Of insert-before and move: key of the element that follows; null: the end.',
          },
        },
      },
    },
    basis: {
      type: 'object',
      additionalProperties: { type: 'integer' },
      description:
        'Epochs at which the author read the definitions, by type:id; what somebody changed since is refused.',
    },
  },
};

/** Body of a draft that is changed. */
export const draftPatchSchema = {
  ...draftSchema,
  properties: {
    ...draftSchema.properties,
    seen: {
      type: 'string',
      format: 'date-time',
      description: 'Its "at" as the author saw it; refused where somebody saved it since.',
    },
  },
};

/** Body of plan and apply. */
export const changeSchema = {
  ...draftSchema,
  required: ['reason', 'operations'],
  properties: {
    ...draftSchema.properties,
    epoch: { type: 'integer', description: 'Epoch that the author saw; another one by now is refused.' },
    onBroken: { enum: ['refuse', 'remove'], description: 'What becomes of references that would break.' },
    draft: { type: 'string', format: 'uuid', description: 'The draft that is applied.' },
    draftSeen: {
      type: 'string',
      format: 'date-time',
      description: 'Its "at" as the author saw it; refused where somebody saved it since.',
    },
  },
};
