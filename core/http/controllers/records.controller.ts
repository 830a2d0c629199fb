import { Controller, Delete, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../../base/errors.js';
import type { AggregateQuery, Ctx, ReadQuery, RecordData } from '../../sdk/index.js';
import { RECORDS, type Records } from '../../records/index.js';
import { type Body, integerIn, objectsOf, readBody, readOptionalBody, refused, textOf, textsOf } from '../body.js';
import { etagOf, versionOf } from '../etag.js';
import { idempotentCall, runOnce } from '../idempotency.js';
import { booleanOf, choiceOf, integerOf, listOf, type Query } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';

const listParameters = ['filter', 'sort', 'fields', 'q', 'limit', 'after', 'count', 'deleted', 'asOf'] as const;
const counts = ['none', 'estimate', 'exact'] as const;
const deletedChoices = ['exclude', 'only'] as const;

/** Records of every entity: read, write one, aggregate, history. The answer's text comes from PostgreSQL as it is. */
@Controller('api/records')
export class RecordsController {
  constructor(@Inject(RECORDS) private readonly records: Records) {}

  @Get(':entity')
  @Route({ summary: 'List records', query: listParameters, isGuarded: true })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { body } = await this.records.listText(
      ctxOf(request),
      listQuery(paramsOf(request).entity, request.edge.query),
    );
    sendJson(reply, body);
  }

  @Post(':entity/query')
  @Route({ summary: 'List records, with the parameters in the body', isGuarded: true })
  async query(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { body } = await this.records.listText(
      ctxOf(request),
      bodyQuery(paramsOf(request).entity, readOptionalBody(request, listParameters)),
    );
    sendJson(reply, body);
  }

  @Post(':entity/aggregate')
  @Route({ summary: 'Group and measure records', isGuarded: true })
  async aggregate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['groupBy', 'measures', 'filter', 'q', 'sort', 'limit']);
    const answer = await this.records.aggregateText(ctxOf(request), aggregateQuery(paramsOf(request).entity, body));
    sendJson(reply, answer.body);
  }

  @Get(':entity/:id')
  @Route({ summary: 'Read one record', query: ['fields', 'asOf'], isGuarded: true })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { entity, id } = paramsOf(request);
    const asOf = instantOf(request.edge.query.asOf);
    if (asOf !== null) {
      const fields = listOf(request.edge.query, 'fields');
      const { body } = await this.records.asOfText(ctxOf(request), { entity, id, asOf, fields });
      return sendJson(reply, body);
    }
    await this.answerOne(ctxOf(request), reply, { entity, id, fields: listOf(request.edge.query, 'fields') });
  }

  @Post(':entity')
  @Route({ summary: 'Create a record', query: ['dryRun'], isGuarded: true, isIdempotent: true })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const { entity } = paramsOf(request);
    const values = readBody(request, null) as RecordData;
    const dryRun = booleanOf(request.edge.query, 'dryRun');
    const call = dryRun ? null : idempotentCall(request, request.edge.bodyHash);
    if (call === null) {
      const made = await this.records.createText(ctx, { entity, values, dryRun });
      if (!dryRun) reply.header('etag', etagOf(made.version)).header('location', `/api/records/${entity}/${made.id}`);
      return sendJson(reply, made.body, dryRun ? 200 : 201);
    }
    const { kept: id, isReplay } = await runOnce(
      ctx,
      call,
      async (inside) => (await this.records.createText(inside, { entity, values })).id,
    );
    if (isReplay) reply.header('idempotency-replayed', 'true');
    // Read anew in both cases: a repeat shows what its sender may see now, not what it might have seen then.
    reply.header('location', `/api/records/${entity}/${id}`);
    await this.answerOne(ctx, reply, { entity, id }, 201);
  }

  @Patch(':entity/:id')
  @Route({
    summary: 'Change some fields of a record; If-Match guards against lost updates',
    query: ['dryRun'],
    isGuarded: true,
  })
  async update(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { entity, id } = paramsOf(request);
    const dryRun = booleanOf(request.edge.query, 'dryRun');
    const { body, version } = await this.records.updateText(ctxOf(request), {
      entity,
      id,
      values: readBody(request, null) as RecordData,
      version: versionOf(request.headers['if-match']),
      dryRun,
    });
    if (!dryRun) reply.header('etag', etagOf(version));
    sendJson(reply, body);
  }

  @Delete(':entity/:id')
  @Route({ summary: 'Move a record to the recycle bin', query: ['dryRun'], isGuarded: true })
  async delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { entity, id } = paramsOf(request);
    await this.records.delete(ctxOf(request), {
      entity,
      id,
      version: versionOf(request.headers['if-match']),
      dryRun: booleanOf(request.edge.query, 'dryRun'),
    });
    void reply.code(204).send();
  }

  @Post(':entity/:id/restore')
  @Route({ summary: 'Bring a record back from the recycle bin', isGuarded: true })
  async restore(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    sendData(reply, await this.records.restore(ctxOf(request), paramsOf(request)));
  }

  @Post(':entity/:id/purge')
  @Route({ summary: 'Remove a record of the recycle bin for good', isGuarded: true })
  async purge(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    await this.records.purge(ctxOf(request), paramsOf(request));
    void reply.code(204).send();
  }

  @Get(':entity/:id/history')
  @Route({ summary: 'Changes of a record, newest first', query: ['limit', 'after'], isGuarded: true })
  async history(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const { body } = await this.records.historyText(ctxOf(request), {
      ...paramsOf(request),
      limit: integerOf(query, 'limit', { min: 1, max: 500 }),
      after: query.after,
    });
    sendJson(reply, body);
  }

  @Get(':entity/:id/access')
  @Route({ summary: 'Why a user can or cannot read and change a record', query: ['user'], isGuarded: true })
  async access(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const userId = request.edge.query.user ?? (ctx.actor.kind === 'user' ? ctx.actor.userId : '');
    const { body } = await this.records.explainText(ctx, { ...paramsOf(request), userId });
    sendJson(reply, body);
  }

  private async answerOne(
    ctx: Ctx,
    reply: FastifyReply,
    input: { entity: string; id: string; fields?: readonly string[] },
    status = 200,
  ): Promise<void> {
    const { body, version } = await this.records.getText(ctx, input);
    reply.header('etag', etagOf(version));
    sendJson(reply, body, status);
  }
}

function paramsOf(request: FastifyRequest): { entity: string; id: string } {
  return request.params as { entity: string; id: string };
}

/** The instant of `asOf`, or null where it is not asked for. Throws query.bad_as_of. */
function instantOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? new Date(text) : null;
  if (at !== null && !Number.isNaN(at.getTime())) return at;
  throw invalid('query.bad_as_of', '"asOf" must be an instant with its zone, such as 2024-05-31T09:30:00Z.', {
    params: { asOf: text.slice(0, 60) },
  });
}

/** A list folds no history: which records would match then is not what the tables hold. */
function refuseAsOf(given: unknown): void {
  if (given !== undefined)
    throw invalid('query.as_of_list', 'Lists show the present only; "asOf" is for one record.', {
      hint: 'Read the record itself: GET /api/records/:entity/:id?asOf=…',
    });
}

/** The query of a list from the parameters of a URL; also used by exports. */
export function listQuery(entity: string, query: Query): ReadQuery {
  refuseAsOf(query.asOf);
  return {
    entity,
    filter: query.filter === '' ? undefined : query.filter,
    sort: listOf(query, 'sort'),
    fields: listOf(query, 'fields'),
    q: query.q === '' ? undefined : query.q,
    limit: integerOf(query, 'limit', { min: 1, max: 500 }),
    after: query.after,
    count: choiceOf(query, 'count', counts),
    deleted: choiceOf(query, 'deleted', deletedChoices),
  };
}

function bodyQuery(entity: string, body: Body): ReadQuery {
  refuseAsOf(body.asOf);
  const limit = integerIn(body, 'limit');
  if (limit !== undefined && (limit < 1 || limit > 500))
    throw refused('limit', 'field.range', '"limit" must be from 1 to 500.');
  return {
    entity,
    filter: textOf(body, 'filter'),
    sort: textOrList(body, 'sort'),
    fields: textOrList(body, 'fields'),
    q: textOf(body, 'q'),
    limit,
    after: textOf(body, 'after'),
    count: oneOf(body, 'count', counts),
    deleted: oneOf(body, 'deleted', deletedChoices),
  };
}

function textOrList(body: Body, key: string): readonly string[] | undefined {
  return typeof body[key] === 'string' ? listOf({ [key]: body[key] }, key) : textsOf(body, key);
}

function oneOf<T extends string>(body: Body, key: string, choices: readonly T[]): T | undefined {
  const text = textOf(body, key);
  if (text !== undefined && !choices.includes(text as T))
    throw refused(key, 'field.choice', `"${key}" must be one of ${choices.join(', ')}.`);
  return text as T | undefined;
}

const buckets = ['day', 'week', 'month', 'quarter', 'year'] as const;
const measureFns = ['count', 'sum', 'avg', 'min', 'max', 'countDistinct'] as const;

function aggregateQuery(entity: string, body: Body): AggregateQuery {
  const limit = integerIn(body, 'limit');
  if (limit !== undefined && (limit < 1 || limit > 10_000))
    throw refused('limit', 'field.range', '"limit" must be from 1 to 10000.');
  return {
    entity,
    groupBy: objectsOf(body, 'groupBy', ['field', 'bucket']).map((item) => ({
      field: textOf(item, 'field', { isRequired: true }),
      bucket: oneOf(item, 'bucket', buckets),
    })),
    measures: objectsOf(body, 'measures', ['fn', 'field']).map((item) => ({
      fn: oneOf(item, 'fn', measureFns) ?? 'count',
      field: textOf(item, 'field'),
    })),
    filter: textOf(body, 'filter'),
    q: textOf(body, 'q'),
    sort: textOrList(body, 'sort'),
    limit,
  };
}
