import type { Definition } from '../types.js';
import { composeLayer } from './compose-layer.js';
import type { WorkspaceOperation } from './types.js';

const none = { definitions: () => new Map<string, Definition>() };
const compose = (operations: WorkspaceOperation[]) =>
  composeLayer({ below: none, effective: none, documents: [], operations });
const text = (name: string, pointer: string): WorkspaceOperation => ({
  type: 'translation',
  id: 'x.de',
  op: 'set',
  at: `/messages/${name}/${pointer.replaceAll('/', '~1')}`,
  value: pointer,
});

test('the first texts of a translation make it, and the place of each definition in it', () => {
  const { layer, problems } = compose([
    text('entity:a.b', '/title'),
    text('entity:a.c', '/title'),
    text('entity:a.b', '/description'),
  ]);
  expect(problems).toEqual([]);
  expect(layer?.documents[0].document).toEqual({
    locale: 'de',
    messages: {
      'entity:a.b': { '/title': '/title', '/description': '/description' },
      'entity:a.c': { '/title': '/title' },
    },
  });
});

test('operations are done in their order: later ones find what an unset or a whole document left', () => {
  const unset: WorkspaceOperation = { type: 'translation', id: 'x.de', op: 'unset', at: '/messages/entity:a.b' };
  const first = compose([text('entity:a.b', '/title'), unset, text('entity:a.b', '/description')]);
  expect(first.layer?.documents[0].document.messages).toEqual({ 'entity:a.b': { '/description': '/description' } });
  const whole: WorkspaceOperation = { ...unset, op: 'set', at: '', value: { locale: 'de', messages: {} } };
  const second = compose([text('entity:a.b', '/title'), whole, text('entity:a.d', '/title')]);
  expect(second.layer?.documents[0].document.messages).toEqual({ 'entity:a.d': { '/title': '/title' } });
});

test('as many operations as a change set may hold take a moment', () => {
  const begun = performance.now();
  const { layer } = compose(Array.from({ length: 5_000 }, (_, i) => text('entity:a.b', `/properties/n${i}/title`)));
  expect(layer?.documents).toHaveLength(1);
  expect(performance.now() - begun).toBeLessThan(20_000);
});
