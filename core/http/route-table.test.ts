import { bestLocale } from './locale.js';
import { createRouteTable } from './route-table.js';

test('methods of a path are those of all routes that match it', () => {
  const table = createRouteTable();
  const spec = { summary: 'x' };
  table.add({ method: 'GET', path: '/api/records/:entity', spec });
  table.add({ method: 'POST', path: '/api/records/:entity', spec });
  table.add({ method: 'PATCH', path: '/api/records/:entity/:id', spec });
  expect(table.methodsOf('/api/records/contacts.company')).toEqual(['GET', 'POST']);
  expect(table.methodsOf('/api/records/contacts.company/1')).toEqual(['PATCH']);
  expect(table.methodsOf('/api/records/')).toEqual([]);
  expect(table.methodsOf('/api/other')).toEqual([]);
});

test.each([
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  ['zh-TW', 'zh-CN'],
  ['de, en-GB;q=0.5', 'en'],
  ['en;q=0.2, zh;q=0.7', 'zh-CN'],
  ['zh;q=0, en', 'en'],
  ['fr', null],
  ['', null],
])('of en and zh-CN, %j gets %s', (header, expected) => {
  expect(bestLocale(header, ['en', 'zh-CN'])).toBe(expected);
});
