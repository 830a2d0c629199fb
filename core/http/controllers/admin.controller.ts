import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../../base/ids.js';
import { missing } from '../../base/errors.js';
import { JOBS, type Jobs, type JobState } from '../../jobs/index.js';
import { readOptionalBody } from '../body.js';
import { choiceOf, integerOf } from '../query-string.js';
import { Route, sendData } from '../route.js';

const jobStates: readonly JobState[] = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'];

/** Jobs, for administrators. */
@Controller('api')
export class AdminController {
  constructor(@Inject(JOBS) private readonly jobs: Jobs) {}

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
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
