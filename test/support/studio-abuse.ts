import type { Answer } from './client.js';
import type { StudioOperation } from './studio.js';

/** Refused by name, or planned as something that cannot be applied; with nothing of the machinery in the words. */
export function expectRefused(answer: Answer, sent = ''): void {
  const words = answer.text.replaceAll(JSON.stringify(sent).slice(1, -1), '');
  expect(words).not.toMatch(/syntax error|pg_(?!sleep)|\.ts:\d|node_modules|SQLSTATE|at position \d/);
  if (answer.status === 200) expect([sent, answer.body.data.applicable]).toEqual([sent, false]);
  else expect([sent, answer.status >= 400 && answer.status < 500]).toEqual([sent, true]);
}

/** A text property. */
export const text = (title: string): object => ({ title, type: 'string', 'x-field': { kind: 'text' } });
/** An entity document with a name. */
export const thing = (id: string, more: object = {}, x: object = {}): object => ({
  $id: id,
  title: 'Thing',
  type: 'object',
  properties: { name: text('Name'), ...more },
  'x-entity': { titleField: 'name', ...x },
});
/** Sets a definition, or a place of one. */
export const set = (type: string, id: string, value: unknown, at = ''): StudioOperation => ({
  type,
  id,
  op: 'set',
  at,
  value,
});
