/** TypeScript type of a JSON Schema, as far as field kinds use it: types, enums, lists, objects, unions. */
export function tsType(schema) {
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.anyOf ?? schema.oneOf) return union((schema.anyOf ?? schema.oneOf).map(tsType));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => tsType({ ...schema, type })));
  if (schema.type === 'integer') return 'number';
  if (schema.type === 'array') return `(${tsType(schema.items ?? {})})[]`.replace(/^\((\w+)\)/, '$1');
  if (schema.type === 'object') return objectType(schema);
  return ['string', 'number', 'boolean', 'null'].includes(schema.type) ? schema.type : 'Json';
}

function objectType({ properties, required = [] }) {
  if (!properties) return '{ [key: string]: Json }';
  const members = Object.entries(properties).map(
    ([key, schema]) => `${propertyName(key)}${required.includes(key) ? '' : '?'}: ${tsType(schema)}`,
  );
  return `{ ${members.join('; ')} }`;
}

/** A key as it stands in an interface. */
export function propertyName(key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

function union(types) {
  return types.length === 0 ? 'never' : [...new Set(types)].join(' | ');
}
