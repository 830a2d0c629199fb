import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { invalid } from '../../base/errors.js';
import { CONFIG } from '../../base/tokens.js';
import { FILES, maxFileBytes, type Files } from '../../files/index.js';
import { noteDownload, READ_LOG, type ReadLog } from '../../records/index.js';
import { attachment } from '../content-disposition.js';
import { readForm } from '../multipart.js';
import { ctxOf, Route, sendData } from '../route.js';
import { filePolicy } from '../security-headers.js';

/** Uploads and downloads. */
@Controller('api/files')
export class FilesController {
  private readonly folder: string;

  constructor(
    @Inject(FILES) private readonly files: Files,
    @Inject(READ_LOG) private readonly reads: ReadLog,
    @Inject(CONFIG) config: Config,
  ) {
    this.folder = join(config.dataDir, 'tmp');
  }

  @Post()
  @Route({ summary: 'Upload a file, if wanted for a record (parts entity and id)', body: 'multipart' })
  async upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = await readForm(request, { folder: this.folder, maxBytes: maxFileBytes, fields: ['entity', 'id'] });
    try {
      const { entity, id } = form.fields;
      if ((entity === undefined) !== (id === undefined))
        throw invalid('file.record', 'Name the record by both parts, entity and id, or by neither.');
      const stored = await this.files.upload(ctxOf(request), {
        source: createReadStream(form.file.path),
        name: form.file.name,
        mediaType: form.file.mediaType,
        record: entity === undefined || id === undefined ? undefined : { entity, id },
      });
      reply.header('location', `/api/files/${stored.id}`);
      sendData(reply, { ...stored, title: stored.name }, 201);
    } finally {
      await form.discard();
    }
  }

  @Get(':id')
  @Route({ summary: 'Download a file' })
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const file = await this.files.open(ctx, request.params as { id: string });
    const etag = `"${file.hash}"`;
    reply
      .header('etag', etag)
      .header('cache-control', 'private, no-cache')
      .header('content-security-policy', filePolicy);
    if (request.headers['if-none-match'] === etag) return void reply.code(304).send();
    reply
      .header('content-type', file.mediaType)
      .header('content-disposition', attachment(file.name))
      .header('content-length', file.size);
    const body = await file.stream();
    await noteDownload(this.reads, ctx, file.id);
    await reply.send(body);
  }
}
