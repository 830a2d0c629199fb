import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAIL, type Mail, type MailState } from '../../mail/index.js';
import { readBody, textOf } from '../body.js';
import { choiceOf, integerOf } from '../query-string.js';
import { ctxOf, Route, sendData } from '../route.js';

const states = ['waiting', 'sending', 'sent', 'failed', 'unknown', 'cancelled'] as const satisfies MailState[];

/** The mail queue and its server, for administrators. Contents of mails are shown to nobody. */
@Controller('api/mail')
export class MailController {
  constructor(@Inject(MAIL) private readonly mail: Mail) {}

  @Get()
  @Route({ summary: 'Whether and how mails leave, and how many wait', access: 'administrator' })
  async status(@Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.mail.status());
  }

  @Get('messages')
  @Route({
    summary: 'Mails, newest first, without their contents',
    access: 'administrator',
    query: ['state', 'limit', 'after'],
  })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const limit = integerOf(query, 'limit', { min: 1, max: 200 }) ?? 50;
    const { data, next } = await this.mail.list({ state: choiceOf(query, 'state', states), limit, after: query.after });
    void reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(JSON.stringify({ data, page: { limit, next } }));
  }

  @Post('check')
  @Route({ summary: 'Connect to the mail server and sign in, without sending anything', access: 'administrator' })
  async check(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readBody(request, []);
    sendData(reply, { error: await this.mail.check() });
  }

  @Post('test')
  @Route({
    summary: 'Send a test mail',
    access: 'administrator',
    bodySchema: { type: 'object', required: ['to'], properties: { to: { type: 'string', format: 'email' } } },
  })
  async test(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['to']);
    sendData(reply, await this.mail.sendTest(ctxOf(request), textOf(body, 'to', { isRequired: true })), 202);
  }

  @Post('messages/:id/resend')
  @Route({ summary: 'Send a mail again that failed, was cancelled, or of which nobody knows', access: 'administrator' })
  async resend(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.mail.resend(ctxOf(request), idOf(request)), 202);
  }

  @Post('messages/:id/cancel')
  @Route({ summary: 'Take a waiting mail out of the queue', access: 'administrator' })
  async cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.mail.cancel(ctxOf(request), idOf(request)));
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
