import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createBlobStore } from './blob-store.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'trellis-blobs-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function text(stream: Readable | null): Promise<string | null> {
  if (stream === null) return null;
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

test('what is kept is read back, an empty file too', async () => {
  const store = createBlobStore(root);
  for (const content of ['hello', '']) {
    const blob = await store.receive(Readable.from([Buffer.from(content)]), 100);
    await store.keep(blob);
    expect(blob.size).toBe(content.length);
    expect(await text(await store.read(blob.hash))).toBe(content);
  }
});

test('a file past the limit is refused and leaves nothing behind', async () => {
  const store = createBlobStore(root);
  const source = Readable.from([Buffer.alloc(60), Buffer.alloc(60)]);
  await expect(store.receive(source, 100)).rejects.toMatchObject({ code: 'file.too_large', kind: 'limited' });
  expect(await readdir(join(root, 'tmp'))).toEqual([]);
});

test('the walk finds kept files older than an instant, and only those', async () => {
  const store = createBlobStore(root);
  const blob = await store.receive(Readable.from([Buffer.from('x')]), 100);
  await store.keep(blob);
  const found = async (before: Date): Promise<string[]> => {
    const all: string[] = [];
    for await (const batch of store.olderThan(before)) all.push(...batch);
    return all;
  };
  expect(await found(new Date(Date.now() + 60_000))).toEqual([blob.hash]);
  expect(await found(new Date(Date.now() - 60_000))).toEqual([]);
});
