import { reasonIn } from './reason-words.js';

const bad = { code: 'field.not_a_number', message: '"many" is not a number.', severity: 'error' } as const;

test('one style, whoever refused: column, what is wrong, the value', () => {
  expect(reasonIn({ ...bad, params: { value: 'many' } }, 'Employees', 'en')).toBe('Employees: not a number (many)');
  expect(reasonIn({ ...bad, code: 'field.required', message: 'Name is required.' }, 'Name', 'en')).toBe(
    'Name: must be given',
  );
});

test('in the language of the reader', () => {
  expect(reasonIn({ ...bad, params: { value: '很多' } }, '员工数', 'zh-CN')).toBe('员工数：不是数字（很多）');
});

test('a code that is not known keeps its own words, and says the column once', () => {
  const rule = { code: 'loyalty.too_poor', message: 'Points: not enough points.', severity: 'error' } as const;
  expect(reasonIn(rule, 'Points', 'zh-CN')).toBe('Points：not enough points.');
  expect(reasonIn({ ...rule, message: 'Not enough points.' }, '', 'en')).toBe('Not enough points.');
});
