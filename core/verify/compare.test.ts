import { asIfAsked, difference, toPlain, type Moment } from './compare.js';
import type { Answer } from './speak.js';

const known = '01a206dc-a23c-705a-80d3-1327b7519a3c';
const moment: Moment = { known: new Set([known]), since: '2030-01-01T00:00:00.000Z', lastEntry: 7 };
const plain = (text: string, headers: Record<string, string> = {}, status = 200) =>
  toPlain({ status, headers, bytes: Buffer.from(text), text } satisfies Answer, moment);

test('a status, a header or a byte that differs is told with what stands around it', async () => {
  const one = await plain('{"data":[1]}', { etag: '"1"' });
  expect(difference(one, await plain('{"data":[1]}', { etag: '"1"' }))).toBeNull();
  expect(difference(one, await plain('{"data":[2]}', { etag: '"1"' }))).toEqual({
    left: '200 {"data":[1]}',
    right: '200 {"data":[2]}',
  });
  expect(difference(one, await plain('{"data":[1]}', { etag: '"2"' }))?.right).toContain('etag: "2"');
  expect(difference(one, await plain('{"data":[1]}', { etag: '"1"' }, 404))).not.toBeNull();
});

test('what the probes made themselves does not differ, what stood before does', async () => {
  const made = (id: string, at: string, entry: number) =>
    plain(`{"id":"${id}","createdAt":"${at}","history":[{"id":"${entry}"}]}`);
  const first = await made('01a206dc-a23c-705a-80d3-000000000001', '2030-02-01T00:00:00.000Z', 8);
  expect(
    difference(first, await made('01a206dc-a23c-705a-80d3-000000000002', '2030-03-01T00:00:00.000Z', 9)),
  ).toBeNull();
  expect(difference(first, await made(known, '2030-02-01T00:00:00.000Z', 8))).not.toBeNull();
  expect(
    difference(first, await made('01a206dc-a23c-705a-80d3-000000000001', '2029-02-01T00:00:00.000Z', 8)),
  ).not.toBeNull();
  expect(
    difference(first, await made('01a206dc-a23c-705a-80d3-000000000001', '2030-02-01T00:00:00.000Z', 6)),
  ).not.toBeNull();
});

test('a length differs only with what is compared', async () => {
  const entry = (text: string, length = text.length) => plain(text, { 'content-length': String(length) });
  expect(difference(await entry('{"id":"99"}'), await entry('{"id":"100"}'))).toBeNull();
  expect(difference(await entry('{"id":"99"}'), await entry('{"id":"99"}', 12))).not.toBeNull();
});

test('a cursor may be another one, but not a longer one', async () => {
  const page = (cursor: string) => plain(`{"page":{"next":"${cursor}"}}`);
  expect(difference(await page('a'.repeat(40)), await page('b'.repeat(40)))).toBeNull();
  expect(difference(await page('a'.repeat(40)), await page('b'.repeat(44)))).not.toBeNull();
});

test('an answer about nothing is compared but for the name', async () => {
  const names = [['secret', 'qjxzvk']] as const;
  const about = async (name: string, more = '') =>
    asIfAsked(await plain(`{"detail":"No field \\"${name}\\".${more}"}`, {}, 422), names);
  expect(difference(await about('secret', ' Did you mean \\"name\\"?'), await about('qjxzvk'))).toBeNull();
  expect(difference(await about('secret', ' It is hidden.'), await about('qjxzvk'))).not.toBeNull();
});
