import fc from 'fast-check';
import { readRows, sniffBody, type BulkRow } from './row-reader.js';
import { seed } from '../../test/support/property-seed.js';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function rows(text: string, format: 'ndjson' | 'array', size = 7): Promise<BulkRow[]> {
  const all: BulkRow[] = [];
  for await (const batch of readRows(pieces(text, size), format)) all.push(...batch);
  return all;
}

test('objects come out whole however the body is cut', async () => {
  const object = fc.dictionary(
    fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key) && !key.includes('\0')),
    fc.oneof(
      fc.string().filter((text) => !text.includes('\0')),
      fc.integer(),
      fc.constant({ a: ['}', '{"', '\\'] }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(object, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (objects, size) => {
      const plain = JSON.parse(JSON.stringify(objects)) as unknown[];
      expect(
        (await rows(JSON.stringify(objects, null, 1), 'array', size)).map((row) =>
          'values' in row ? row.values : null,
        ),
      ).toEqual(plain);
      expect(
        (await rows(objects.map((one) => JSON.stringify(one)).join('\r\n'), 'ndjson', size)).map((row) =>
          'values' in row ? row.values : null,
        ),
      ).toEqual(plain);
    }),
    { numRuns: 200, seed },
  );
});

test.each(['', '[', '[{}', '[{},]', '[,{}]', '[1]', '["x"]', '[{}]x', '[{}{}]', '[[]]', 'null', '[{"a":1,}]'])(
  'refuses %j as an array of objects',
  async (text) => {
    await expect(rows(text, 'array')).rejects.toMatchObject({ code: 'request.malformed' });
  },
);

test.each(['1', '{', '{}{}', '"x"', '[{}]'])('refuses the line %j', async (text) => {
  await expect(rows(text, 'ndjson')).rejects.toMatchObject({ code: 'request.malformed' });
});

test('empty lines are no rows, and a byte order mark is none either', async () => {
  expect(await rows('\ufeff{"a":1}\n\n  \r\n{"a":2}\n', 'ndjson')).toEqual([
    { values: { a: 1 } },
    { values: { a: 2 } },
  ]);
  expect(await rows('\ufeff [ ] ', 'array')).toEqual([]);
});

test('text that cannot be stored refuses its row only', async () => {
  const [good, bad] = await rows('{"a":"x"}\n{"a":"\\u0000"}', 'ndjson');
  expect(good).toEqual({ values: { a: 'x' } });
  expect(bad).toMatchObject({ issues: [{ path: '/a', code: 'text.nul' }] });
});

test('a body tells what it is by its first character', async () => {
  expect(await sniffBody(pieces(' \n{"a":1}', 2))).toBe('object');
  expect(await sniffBody(pieces('\ufeff[', 1))).toBe('array');
  expect(await sniffBody(pieces('x', 1))).toBe('other');
  expect(await sniffBody(pieces('  ', 1))).toBeNull();
});
