import { planNodes, type CatalogNode, type WantedNode } from './node-plan.js';

const want = (field: string, more: Partial<WantedNode> = {}): WantedNode => ({
  entity: 'a.b',
  field,
  kind: 'text',
  plugin: 'a',
  ...more,
});
const node = (field: string, id: string, more: Partial<CatalogNode> = {}): CatalogNode => ({
  id,
  ...want(field),
  state: 'active',
  ...more,
});
const ids = () => {
  let n = 0;
  return () => `new${++n}`;
};

test('new keys get new ids, known ones keep theirs and cost no write', () => {
  const plan = planNodes([node('x', '1')], [want('x'), want('y')], ids());
  expect(plan.upserts).toEqual([node('y', 'new1')]);
  expect(plan.nodes.map((one) => one.id)).toEqual(['1', 'new1']);
});

test('what nobody defines is retired once and keeps its id when it comes back', () => {
  const retired = planNodes([node('x', '1')], [], ids());
  expect(retired.upserts).toEqual([node('x', '1', { state: 'retired' })]);
  expect(planNodes(retired.nodes, [], ids()).upserts).toEqual([]);
  expect(planNodes(retired.nodes, [want('x')], ids()).upserts).toEqual([node('x', '1')]);
});

test('the key of a retired field is reserved for its plugin', () => {
  const old = node('x', '1', { state: 'retired' });
  expect(() => planNodes([old], [want('x', { plugin: 'other' })], ids())).toThrow(
    expect.objectContaining({ code: 'catalog.key_reserved' }),
  );
});

test('a changed kind is written down under the same id', () => {
  expect(planNodes([node('x', '1')], [want('x', { kind: 'longText' })], ids()).upserts).toEqual([
    node('x', '1', { kind: 'longText' }),
  ]);
});
