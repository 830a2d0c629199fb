import { Controller, Delete, Get, Inject, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PRIVACY, type Privacy, type RetentionInput } from '../../privacy/index.js';
import { booleanIn, integerIn, readBody, refused, textOf } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

const actions = ['delete', 'anonymise', 'erase'] as const;
const daysAtMost = 36_500;
const bodySchema = {
  type: 'object',
  required: ['entity', 'field', 'afterDays', 'action'],
  properties: {
    entity: { type: 'string' },
    field: { type: 'string' },
    afterDays: { type: 'integer', minimum: 1, maximum: daysAtMost },
    filter: { type: 'string' },
    action: { enum: actions },
    active: { type: 'boolean' },
  },
};

/** Rules of retention, which a job applies every night. */
@Controller('api/privacy/retention')
export class RetentionController {
  constructor(@Inject(PRIVACY) private readonly privacy: Privacy) {}

  @Get()
  @Route({ summary: 'Rules of retention', access: 'administrator' })
  async list(@Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.privacy.retention());
  }

  @Post('plan')
  @Route({ summary: 'How many records a rule would deal with now', access: 'administrator', bodySchema })
  async plan(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.privacy.planRetention(ctxOf(request), ruleOf(request)));
  }

  @Post()
  @Route({ summary: 'Make a rule of retention', access: 'administrator', bodySchema })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.privacy.keepRetention(ctxOf(request), null, ruleOf(request)), 201);
  }

  @Put(':id')
  @Route({ summary: 'Change a rule of retention', access: 'administrator', bodySchema })
  async replace(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id } = request.params as { id: string };
    sendData(reply, await this.privacy.keepRetention(ctxOf(request), id, ruleOf(request)));
  }

  @Delete(':id')
  @Route({ summary: 'Take a rule of retention out', access: 'administrator' })
  async drop(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.privacy.dropRetention(ctxOf(request), (request.params as { id: string }).id);
    void reply.code(204).send();
  }
}

function ruleOf(request: FastifyRequest): RetentionInput {
  const body = readBody(request, ['entity', 'field', 'afterDays', 'filter', 'action', 'active']);
  const afterDays = integerIn(body, 'afterDays');
  if (afterDays === undefined || afterDays < 1 || afterDays > daysAtMost)
    throw refused('afterDays', 'field.type', `"afterDays" must be a whole number from 1 to ${daysAtMost}.`);
  const action = actions.find((each) => each === body.action);
  if (action === undefined) throw refused('action', 'field.type', `"action" must be one of ${actions.join(', ')}.`);
  return {
    entity: textOf(body, 'entity', { isRequired: true }),
    field: textOf(body, 'field', { isRequired: true }),
    afterDays,
    filter: textOf(body, 'filter') ?? '',
    action,
    active: booleanIn(body, 'active') ?? true,
  };
}
