import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT_LOG } from '../../base/tokens.js';
import type { AuditLog } from '../../sdk/index.js';
import { BACKUPS, type BackupInfo, type Backups } from '../../storage/index.js';
import { readOptionalBody } from '../body.js';
import { attachment } from '../content-disposition.js';
import { ctxOf, Route, sendData } from '../route.js';

/** Backups, for administrators. A backup holds everything, so each one made or taken away is audited. */
@Controller('api/backups')
export class BackupsController {
  constructor(
    @Inject(BACKUPS) private readonly backups: Backups,
    @Inject(AUDIT_LOG) private readonly audit: AuditLog,
  ) {}

  @Get()
  @Route({ summary: 'Backups in the data directory, newest first', access: 'administrator' })
  async list(@Res() reply: FastifyReply): Promise<void> {
    sendData(reply, (await this.backups.list()).map(describe));
  }

  @Post()
  @Route({ summary: 'Make a backup now', access: 'administrator' })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    const made = await this.backups.create();
    await this.note(request, 'backup.created', made.name);
    sendData(reply, describe(made), 201);
  }

  @Get(':id/file')
  @Route({ summary: 'Download a backup', access: 'administrator' })
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id } = request.params as { id: string };
    const path = await this.backups.path(id);
    const { size } = await stat(path);
    await this.note(request, 'backup.downloaded', id);
    reply
      .header('content-type', 'application/octet-stream')
      .header('content-disposition', attachment(id))
      .header('content-length', size)
      .header('cache-control', 'no-store');
    await reply.send(createReadStream(path));
  }

  private async note(request: FastifyRequest, kind: string, name: string): Promise<void> {
    const { actor } = ctxOf(request);
    await this.audit.append(null, {
      kind,
      actor: actor.kind === 'user' ? actor.userId : null,
      requestId: request.id,
      payload: { name },
    });
  }
}

function describe(backup: BackupInfo): { id: string; createdAt: string; size: number } {
  return { id: backup.name, createdAt: backup.createdAt, size: backup.bytes };
}
