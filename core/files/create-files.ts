import type { Access } from '../access/index.js';
import { broken, denied, isTrellisError, missing } from '../base/errors.js';
import type { CatalogService } from '../catalog/index.js';
import type { Ctx, RecordData } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import type { BlobStore } from './blob-store.js';
import { forgetBlobs } from './forget.js';
import { safeFileName, safeMediaType } from './file-name.js';
import { maxFileBytes, type Files, type StoredFile, type UploadInput } from './types.js';

/** What this room leans on. */
export interface FilesDeps {
  readonly access: Access;
  readonly catalog: CatalogService;
  readonly store: BlobStore;
  readonly database: Database;
}

/** Composes the room. */
export function createFiles(deps: FilesDeps): Files {
  return {
    upload: (ctx, input) => upload(deps, ctx, input),
    forget: (ctx, hashes) => forgetBlobs(deps, ctx, hashes),
    open: (ctx, input) => openFile(deps, ctx, input),
  };
}

async function upload(deps: FilesDeps, ctx: Ctx, input: UploadInput): Promise<StoredFile> {
  if (!deps.access.may(ctx, deps.catalog.current, 'core.attachment', 'create'))
    throw denied('access.denied', 'You may not attach files.');
  if (input.record) await requireChangeable(ctx, input.record);
  const blob = await deps.store.receive(input.source, maxFileBytes);
  const file = { name: safeFileName(input.name), size: blob.size, mediaType: safeMediaType(input.mediaType) };
  try {
    const id = await ctx.records.transaction(ctx, async (inside) => {
      // The row is locked before the file takes its place, so the collector cannot remove it in between.
      await inside.tx.query(
        'insert into trellis.blob (hash, size) values ($1, $2) on conflict (hash) do update set touched_at = now()',
        [blob.hash, blob.size],
      );
      await deps.store.keep(blob);
      const values: RecordData = { ...file, hash: blob.hash };
      if (ctx.actor.kind === 'user') values.ownerId = ctx.actor.userId;
      if (input.record) values.record = { entity: input.record.entity, id: input.record.id };
      // The fields of an attachment are read-only for everybody else.
      const system = inside.asSystem('attach an uploaded file');
      const record = await system.records.create(system, { entity: 'core.attachment', values });
      return record.id as string;
    });
    return { id, ...file };
  } finally {
    await deps.store.discard(blob);
  }
}

/** The owning record must be one that the actor may change. */
async function requireChangeable(ctx: Ctx, record: { entity: string; id: string }): Promise<void> {
  await ctx.records.get(ctx, { ...record, fields: ['id'] });
  await ctx.records.update(ctx, { ...record, values: {}, dryRun: true });
}

async function openFile(deps: FilesDeps, ctx: Ctx, input: { id: string }): ReturnType<Files['open']> {
  // As the system, because a link that the actor may not follow reads as null for it.
  const system = ctx.asSystem('check access to a file');
  const attachment = await found(() =>
    system.records.get(system, {
      entity: 'core.attachment',
      id: input.id,
      fields: ['name', 'size', 'mediaType', 'hash', 'record'],
    }),
  );
  await found(() => ctx.records.get(ctx, { entity: 'core.attachment', id: input.id, fields: ['id'] }));
  const owner = attachment.record as { entity: string; id: string } | null;
  if (owner !== null) await found(() => ctx.records.get(ctx, { entity: owner.entity, id: owner.id, fields: ['id'] }));
  const hash = attachment.hash as string;
  return {
    id: input.id,
    name: (attachment.name as string | null) ?? 'file',
    size: Number(attachment.size),
    mediaType: (attachment.mediaType as string | null) ?? 'application/octet-stream',
    hash,
    async stream() {
      const stream = await deps.store.read(hash);
      if (stream === null)
        throw broken('file.lost', 'The contents of this file are missing on the server.', {
          hint: 'Restore them from a backup.',
        });
      return stream;
    },
  };
}

/** Whatever is not readable is not there: one answer for an attachment, its owner and an id that never was. */
async function found(read: () => Promise<RecordData>): Promise<RecordData> {
  try {
    return await read();
  } catch (cause) {
    if (isTrellisError(cause) && cause.kind !== 'broken' && cause.code !== 'auth.required')
      throw missing('file.not_found', 'There is no such file.', { cause });
    throw cause;
  }
}
