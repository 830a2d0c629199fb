import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT, type Audit } from '../../audit/index.js';
import { isUuid } from '../../base/ids.js';
import { missing } from '../../base/errors.js';
import { JOBS, type Jobs, type JobState } from '../../jobs/index.js';
import { PLUGIN_HOST, type PluginHost } from '../../plugin-host/index.js';
import { readOptionalBody } from '../body.js';
import { choiceOf, integerOf } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';

const jobStates: readonly JobState[] = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'];

/** Plugins, jobs and the audit, for administrators. */
@Controller('api')
export class AdminController {
  constructor(
    @Inject(PLUGIN_HOST) private readonly plugins: PluginHost,
    @Inject(JOBS) private readonly jobs: Jobs,
    @Inject(AUDIT) private readonly audit: Audit,
  ) {}

  @Get('plugins')
  @Route({ summary: 'All plugins that were found, with their state and problems', access: 'administrator' })
  listPlugins(@Res() reply: FastifyReply): void {
    sendData(reply, this.plugins.list());
  }

  @Post('plugins/:id/enable')
  @Route({ summary: 'Switch a plugin on', access: 'administrator' })
  async enable(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    const info = await this.plugins.enable(idOf(request));
    await this.note(request, 'plugin.enabled', { id: info.id, version: info.version });
    sendData(reply, info);
  }

  @Post('plugins/:id/disable')
  @Route({ summary: 'Switch a plugin off; its data stay', access: 'administrator' })
  async disable(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    const info = await this.plugins.disable(idOf(request));
    await this.note(request, 'plugin.disabled', { id: info.id, version: info.version });
    sendData(reply, info);
  }

  @Get('jobs')
  @Route({ summary: 'Jobs, newest first, and schedules', access: 'administrator', query: ['state', 'name', 'limit'] })
  async listJobs(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const [jobs, schedules, stats] = await Promise.all([
      this.jobs.list({
        state: choiceOf(query, 'state', jobStates),
        name: query.name,
        limit: integerOf(query, 'limit', { min: 1, max: 500 }) ?? 100,
      }),
      this.jobs.schedules(),
      this.jobs.stats(),
    ]);
    sendData(reply, { jobs, schedules, stats });
  }

  @Post('jobs/:id/retry')
  @Route({ summary: 'Run a failed job again', access: 'administrator' })
  async retryJob(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    if (!isUuid(idOf(request))) throw missing('job.not_found', 'There is no such job.');
    await this.jobs.retry(idOf(request));
    void reply.code(204).send();
  }

  @Get('audit')
  @Route({
    summary: 'Audit entries, newest first',
    access: 'administrator',
    query: ['kind', 'actor', 'limit', 'after'],
  })
  async listAudit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { kind, actor, after } = request.edge.query;
    const limit = integerOf(request.edge.query, 'limit', { min: 1, max: 500 });
    sendJson(reply, JSON.stringify(await this.audit.list(ctxOf(request), { kind, actor, after, limit })));
  }

  private async note(request: FastifyRequest, kind: string, payload: Record<string, string>): Promise<void> {
    const { actor } = ctxOf(request);
    await this.audit.append(null, {
      kind,
      actor: actor.kind === 'user' ? actor.userId : null,
      requestId: request.id,
      payload,
    });
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
