import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RECORDS, type Records } from '../../records/index.js';
import { readBody, refused, textOf, type Body } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

/** Single records shared with single users, teams and territories. */
@Controller('api/records')
export class SharesController {
  constructor(@Inject(RECORDS) private readonly records: Records) {}

  @Get(':entity/:id/shares')
  @Route({ summary: 'With whom a record is shared one by one', isGuarded: true })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.records.listShares(ctxOf(request), paramsOf(request)));
  }

  @Post(':entity/:id/shares')
  @Route({ summary: 'Share a record with a user, team or territory, or change how', isGuarded: true })
  async share(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['principal', 'level', 'until', 'reason']);
    const { entity, id } = paramsOf(request);
    const made = await this.records.share(ctxOf(request), {
      entity,
      id,
      principal: textOf(body, 'principal', { isRequired: true }),
      level: levelOf(body),
      until: untilOf(body),
      reason: textOf(body, 'reason') ?? null,
    });
    sendData(reply, made, 201);
  }

  @Delete(':entity/:id/shares/:share')
  @Route({ summary: 'End a share', isGuarded: true })
  async unshare(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.records.unshare(ctxOf(request), paramsOf(request));
    void reply.code(204).send();
  }
}

function paramsOf(request: FastifyRequest): { entity: string; id: string; share: string } {
  return request.params as { entity: string; id: string; share: string };
}

function levelOf(body: Body): 'read' | 'edit' {
  const level = textOf(body, 'level') ?? 'read';
  if (level !== 'read' && level !== 'edit') throw refused('level', 'field.type', '"level" is read or edit.');
  return level;
}

/** With its zone: without one it would be another instant on another server. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/i;

function untilOf(body: Body): Date | null {
  const text = textOf(body, 'until');
  if (text === undefined) return null;
  const at = instant.test(text) ? new Date(text) : null;
  if (at === null || Number.isNaN(at.getTime()))
    throw refused('until', 'field.type', '"until" must be an instant, such as 2027-05-31T18:00:00Z.');
  return at;
}
