import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { AUDIT_LOG, CONFIG } from '../../base/tokens.js';
import { backUpJobName, backupPlan, JOBS, type JobInfo, type Jobs } from '../../jobs/index.js';
import type { AuditLog } from '../../sdk/index.js';
import { BACKUPS, type BackupInfo, type Backups } from '../../storage/index.js';
import { readOptionalBody } from '../body.js';
import { attachment } from '../content-disposition.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';

/** Backups, for administrators. A backup holds everything, so each one made or taken away is audited. */
@Controller('api/backups')
export class BackupsController {
  constructor(
    @Inject(BACKUPS) private readonly backups: Backups,
    @Inject(AUDIT_LOG) private readonly audit: AuditLog,
    @Inject(JOBS) private readonly jobs: Jobs,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Route({
    summary: 'Backups in the data directory, newest first, and when the next is made by itself',
    access: 'administrator',
  })
  async list(@Res() reply: FastifyReply): Promise<void> {
    const made = await this.backups.list();
    const jobs = await this.jobs.list({ name: backUpJobName, limit: 20 });
    const since = made[0]?.createdAt ?? '';
    const running = jobs.filter(isOpen);
    const data = [
      ...jobs.filter((job) => isOpen(job) || (job.state === 'failed' && job.createdAt > since)).map(this.describeJob),
      // Its file stands a moment before the job is settled: one backup is one line.
      ...made.filter((backup) => !running.some((job) => isOf(backup, job))).map(describe),
    ];
    sendJson(reply, JSON.stringify({ data, schedule: backupPlan(this.config, new Date()) }));
  }

  @Post()
  @Route({
    summary: 'Make a backup now, in the background: the list tells how far it is',
    access: 'administrator',
  })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    const ctx = ctxOf(request);
    const open = (await this.jobs.list({ name: backUpJobName, limit: 20 })).find(isOpen);
    if (open) return sendData(reply, this.describeJob(open), 202);
    const id = ctx.newId();
    await this.note(request, 'backup.requested', id);
    await this.jobs.enqueue(ctx, backUpJobName, null, { id, singletonKey: backUpJobName, retries: 1 });
    sendData(reply, { id, createdAt: ctx.now().toISOString(), size: null, status: 'waiting', progress: null }, 202);
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

  private readonly describeJob = (job: JobInfo): BackupLine => ({
    id: job.id,
    createdAt: job.createdAt,
    size: null,
    status: job.state === 'active' ? 'running' : job.state === 'failed' ? 'failed' : 'waiting',
    progress: job.state === 'active' ? this.backups.progress() : null,
    ...(job.error === null ? {} : { error: job.error }),
  });

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

/** One line of the list. `size` in bytes, null while it is made; `progress` 0 to 1, null where this node does not know. */
interface BackupLine {
  readonly id: string;
  readonly createdAt: string;
  readonly size: number | null;
  readonly status: 'waiting' | 'running' | 'done' | 'failed';
  readonly progress: number | null;
  readonly error?: string;
}

function describe(backup: BackupInfo): BackupLine {
  return { id: backup.name, createdAt: backup.createdAt, size: backup.bytes, status: 'done', progress: 1 };
}

/** True where the job may have made the backup, whose name tells its second only. */
function isOf(backup: BackupInfo, job: JobInfo): boolean {
  return Date.parse(backup.createdAt) >= Math.floor(Date.parse(job.createdAt) / 1000) * 1000;
}

function isOpen({ state }: JobInfo): boolean {
  return state === 'created' || state === 'retry' || state === 'active';
}
