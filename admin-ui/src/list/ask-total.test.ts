import { totalsOf } from './ask-total.js';

test('totals stand by currency, that of the workspace first, then by size; of no amounts at all there is one of nothing', () => {
  const [chf, eur] = [
    { value: 2, currency: 'CHF' },
    { value: '30', currency: 'EUR' },
  ];
  expect(totalsOf([eur, chf], 'CHF')).toEqual([chf, eur]);
  expect(totalsOf([chf, eur], 'USD')).toEqual([eur, chf]);
  expect(totalsOf([{ value: null, currency: null }], 'CHF')).toEqual([{ value: null, currency: null }]);
  expect(totalsOf([{ value: 0, currency: null }], 'CHF')).toEqual([{ value: 0, currency: null }]);
});

test('rows without amounts add no zero beside totals', () => {
  const eur = { value: 30, currency: 'EUR' };
  expect(totalsOf([{ value: 0, currency: null }, eur], 'CHF')).toEqual([eur]);
  expect(totalsOf([{ value: 5, currency: null }, eur], 'CHF')).toHaveLength(2);
});

test('rows of several currencies have no number, and are told last', () => {
  const mixed = { value: null, currency: 'mixed' };
  const eur = { value: 30, currency: 'EUR' };
  expect(totalsOf([mixed, eur], 'CHF')).toEqual([eur, mixed]);
  expect(totalsOf([mixed, { value: 0, currency: null }], 'CHF')).toEqual([mixed]);
});
