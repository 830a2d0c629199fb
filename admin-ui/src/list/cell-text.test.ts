import type { CatalogField } from '../meta/index.js';
import { cellText, fromText } from './cell-text.js';

const env = { locale: 'de', currency: 'EUR' };
const field = (exprType: string, more: Partial<CatalogField> = {}) =>
  ({ key: 'f', title: 'F', kind: exprType, exprType, required: false, ...more }) as CatalogField;
const choice = field('text', {
  kind: 'choice',
  options: [
    { value: 'won', title: 'Won' },
    { value: 'lost', title: 'Lost' },
  ],
});
const many = field('list', { kind: 'multiChoice', options: choice.options });

describe('cellText', () => {
  it.each([
    [field('number'), 1234.5, '1234.5'],
    [field('text'), null, ''],
    [choice, 'won', 'Won'],
    [many, ['won', 'lost'], 'Won, Lost'],
    [field('record', { kind: 'link' }), { id: '1', title: 'Acme' }, 'Acme'],
    [field('list', { kind: 'tags' }), ['a', 'b'], 'a, b'],
  ])('%#', (of, value, text) => {
    expect(cellText(of, value, env)).toBe(text);
  });
});

describe('fromText', () => {
  it.each([
    [field('number'), '1,234.5', { ok: true, value: 1234.5 }],
    [field('number'), 'many', { ok: false }],
    [field('boolean'), 'Yes', { ok: true, value: true }],
    [field('boolean'), '否', { ok: true, value: false }],
    [field('date'), '2026-01-31', { ok: true, value: '2026-01-31' }],
    [field('date'), '31.1.26', { ok: false }],
    [choice, 'won', { ok: true, value: 'won' }],
    [choice, 'LOST', { ok: true, value: 'lost' }],
    [choice, 'maybe', { ok: false }],
    [many, 'Won; lost', { ok: true, value: ['won', 'lost'] }],
    [field('list', { kind: 'tags' }), 'a, b', { ok: true, value: ['a', 'b'] }],
    [field('record', { kind: 'link' }), 'Acme', { ok: false }],
    [field('text'), ' ', { ok: true, value: null }],
    [field('text', { required: true }), '', { ok: false }],
  ])('%#', (of, text, result) => {
    expect(fromText(of, text)).toEqual(result);
  });

  it('gives back what was copied', () => {
    for (const [of, value] of [
      [choice, 'won'],
      [many, ['won', 'lost']],
      [field('number'), -2.25],
    ] as const)
      expect(fromText(of, cellText(of, value, env))).toEqual({ ok: true, value });
  });
});
