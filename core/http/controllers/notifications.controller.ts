import { Controller, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOTIFICATIONS, type Channel, type Notifications } from '../../notifications/index.js';
import { readBody, refused, textsOf, type Body } from '../body.js';
import { booleanOf, integerOf } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';

/** What one is told, and where one wants to be told. Everybody sees the own only. */
@Controller('api/notifications')
export class NotificationsController {
  constructor(@Inject(NOTIFICATIONS) private readonly notifications: Notifications) {}

  @Get()
  @Route({
    summary: 'One’s own notifications, newest first, and how many are unread',
    query: ['unread', 'limit', 'after'],
    isPersonal: true,
  })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const limit = integerOf(query, 'limit', { min: 1, max: 100 }) ?? 30;
    const { data, next, unread } = await this.notifications.list(ctxOf(request), {
      unreadOnly: booleanOf(query, 'unread') === true,
      limit,
      after: query.after,
    });
    sendJson(reply, JSON.stringify({ data, page: { limit, next }, unread }));
  }

  @Post('read')
  @Route({
    summary: 'Mark notifications as read: those named, or all',
    isOwnBusiness: true,
    isPersonal: true,
    bodySchema: { type: 'object', properties: { ids: { type: 'array', items: { type: 'string', format: 'uuid' } } } },
  })
  async markRead(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ids = textsOf(readBody(request, ['ids']), 'ids');
    if (ids && ids.length > 1_000) throw refused('ids', 'field.maxItems', 'At most 1000 ids.');
    sendData(reply, { read: await this.notifications.markRead(ctxOf(request), { ids }) });
  }

  @Get('preferences')
  @Route({ summary: 'Kinds of notifications, and where one is told of each', isPersonal: true })
  async preferences(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.notifications.preferences(ctxOf(request)));
  }

  @Patch('preferences')
  @Route({
    summary: 'Choose where one is told: kind → { app, mail }; null goes back to the default',
    isOwnBusiness: true,
    isPersonal: true,
    bodySchema: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { app: { type: ['boolean', 'null'] }, mail: { type: ['boolean', 'null'] } },
      },
    },
  })
  async setPreferences(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, null);
    const changes = Object.fromEntries(Object.keys(body).map((kind) => [kind, channelsOf(body, kind)]));
    sendData(reply, await this.notifications.setPreferences(ctxOf(request), changes));
  }
}

function channelsOf(body: Body, kind: string): Partial<Record<Channel, boolean | null>> {
  const value = body[kind];
  const isFine =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([key, wanted]) => (key === 'app' || key === 'mail') && (wanted === null || typeof wanted === 'boolean'),
    );
  if (!isFine)
    throw refused(
      kind.slice(0, 80),
      'field.type',
      `"${kind.slice(0, 80)}" must be { "app"?, "mail"? } of true, false or null.`,
    );
  return value as Partial<Record<Channel, boolean | null>>;
}
