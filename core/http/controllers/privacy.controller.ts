import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PRIVACY, type Privacy } from '../../privacy/index.js';
import { readBody, readOptionalBody, refused, textOf, textsOf } from '../body.js';
import { attachment } from '../content-disposition.js';
import { choiceOf, integerOf } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';

const text = { type: 'string' };
const kinds = ['hold', 'restriction'] as const;

/** Requests about personal data, legal holds, restrictions. Everything but the badge of a record is for administrators. */
@Controller('api/privacy')
export class PrivacyController {
  constructor(@Inject(PRIVACY) private readonly privacy: Privacy) {}

  @Get('requests')
  @Route({
    summary: 'Requests about personal data, newest first',
    access: 'administrator',
    query: ['kind', 'limit'],
  })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const limit = integerOf(query, 'limit', { min: 1, max: 200 }) ?? 50;
    const kind = choiceOf(query, 'kind', ['erase', 'export'] as const);
    sendData(reply, await this.privacy.requests({ kind, limit }));
  }

  @Get('requests/:id')
  @Route({ summary: 'One request, with its plan and how far it is', access: 'administrator' })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.privacy.request(idOf(request)));
  }

  @Delete('requests/:id')
  @Route({ summary: 'Take a plan or an archive off the list', access: 'administrator' })
  async discard(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.privacy.discard(ctxOf(request), idOf(request));
    void reply.code(204).send();
  }

  @Post('erasures')
  @Route({
    summary: 'Plan the erasure of people: counts what goes, changes nothing',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['entity', 'reason'],
      properties: {
        entity: text,
        ids: { type: 'array', items: text, maxItems: 10_000 },
        filter: text,
        q: text,
        reason: text,
      },
    },
  })
  async plan(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['entity', 'ids', 'filter', 'q', 'reason']);
    const planned = await this.privacy.planErasure(ctxOf(request), {
      entity: textOf(body, 'entity', { isRequired: true }),
      ids: textsOf(body, 'ids'),
      filter: textOf(body, 'filter'),
      q: textOf(body, 'q'),
      reason: textOf(body, 'reason', { isRequired: true }),
    });
    sendData(reply, planned, 201);
  }

  @Post('requests/:id/run')
  @Route({
    summary: 'Carry out a planned erasure, in the background; it cannot be taken back',
    access: 'administrator',
  })
  async run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    sendData(reply, await this.privacy.runErasure(ctxOf(request), idOf(request)), 202);
  }

  @Get('requests/:id/certificate')
  @Route({ summary: 'What an erasure did: counts, ids and a hash, no personal data', access: 'administrator' })
  async certificate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request);
    const certificate = await this.privacy.certificate(id);
    reply.header('content-disposition', attachment(`erasure-${id}.json`));
    sendJson(reply, JSON.stringify(certificate));
  }

  @Post('exports')
  @Route({
    summary: 'Order an archive of all that is known of a person',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['entity', 'id', 'reason'],
      properties: { entity: text, id: text, reason: text },
    },
  })
  async order(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['entity', 'id', 'reason']);
    const [entity, id, reason] = ['entity', 'id', 'reason'].map((key) => textOf(body, key, { isRequired: true }));
    sendData(reply, await this.privacy.orderExport(ctxOf(request), { entity, id, reason }), 202);
  }

  @Get('requests/:id/file')
  @Route({ summary: 'Fetch the archive of an export', access: 'administrator' })
  async archive(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { path, name } = await this.privacy.archive(ctxOf(request), idOf(request));
    const { size } = await stat(path);
    reply
      .header('content-type', 'application/zip')
      .header('content-disposition', attachment(name))
      .header('content-length', size)
      .header('cache-control', 'no-store');
    await reply.send(createReadStream(path));
  }

  @Get('marks')
  @Route({ summary: 'Legal holds and restrictions that stand', access: 'administrator', query: ['kind'] })
  async marks(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.privacy.marks(ctxOf(request), choiceOf(request.edge.query, 'kind', kinds)));
  }

  @Post('marks')
  @Route({
    summary: 'Put a legal hold or a restriction on a person',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['kind', 'entity', 'id', 'reason'],
      properties: { kind: { enum: kinds }, entity: text, id: text, reason: text },
    },
  })
  async mark(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['kind', 'entity', 'id', 'reason']);
    const kind = kinds.find((each) => each === body.kind);
    if (kind === undefined) throw refused('kind', 'field.type', '"kind" must be hold or restriction.');
    const [entity, id, reason] = ['entity', 'id', 'reason'].map((key) => textOf(body, key, { isRequired: true }));
    sendData(reply, await this.privacy.mark(ctxOf(request), { kind, entity, id, reason }), 201);
  }

  @Delete('marks/:id')
  @Route({ summary: 'Lift a legal hold or a restriction', access: 'administrator' })
  async lift(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.privacy.lift(ctxOf(request), idOf(request));
    void reply.code(204).send();
  }

  @Get('subjects/:entity/:id')
  @Route({ summary: 'Whether a person is restricted or held, for whoever may read the record' })
  async status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.privacy.statusOf(ctxOf(request), request.params as { entity: string; id: string }));
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
