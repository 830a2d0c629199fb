import type { Ctx } from '../sdk/index.js';
import { authorOf } from './author.js';

const said = (actor: object, fields?: string[]): unknown =>
  JSON.parse(authorOf({ actor, requestId: 'r1' } as unknown as Ctx, fields));

test('tells the user and the keys that change', () => {
  expect(said({ kind: 'user', userId: 'u1' }, ['name'])).toEqual({ actor: 'u1', request: 'r1', fields: ['name'] });
});

test('tells who acted as the user', () => {
  const actor = { kind: 'user', userId: 'u1', actedBy: { userId: 'a1', name: 'Ann' } };
  expect(said(actor)).toEqual({ actor: 'u1', request: 'r1', actedBy: 'a1' });
});

test('tells why the system did it, and for whom', () => {
  const actor = { kind: 'system', reason: 'job x', onBehalfOf: 'u2' };
  expect(said(actor)).toEqual({ actor: 'u2', request: 'r1', reason: 'job x' });
});
