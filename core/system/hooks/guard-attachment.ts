import { defineHook, denied } from '#sdk';

/**
 * What an attachment's contents are is written by the files room alone, as the system: whoever could set the hash
 * could read any stored file. People may rename and delete.
 */
export const guardAttachment = defineHook({
  id: 'core.guard-attachment',
  entity: 'core.attachment',
  phase: 'before',
  on: ['create', 'update'],
  run(ctx, batch) {
    if (ctx.actor.roles === undefined) return;
    const isForged =
      batch.operation === 'create' || batch.rows.some(({ changed }) => kept.some((key) => changed.has(key)));
    if (isForged)
      throw denied('file.not_writable', 'Attachments are made by uploading files.', {
        hint: 'Send the file to /api/files.',
      });
  },
});

const kept = ['hash', 'size', 'mediaType', 'record'];
