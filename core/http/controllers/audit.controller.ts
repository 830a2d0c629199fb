import { Readable } from 'node:stream';
import { Controller, Get, Inject, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT, type Audit, type AuditEntry, type AuditFilter } from '../../audit/index.js';
import { invalid } from '../../base/errors.js';
import { csvLine } from '../../exchange/index.js';
import { readBody, readOptionalBody } from '../body.js';
import { attachment } from '../content-disposition.js';
import { choiceOf, integerOf, type Query } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';

const filters = ['kind', 'actor', 'entity', 'record', 'from', 'to', 'q'] as const;
const formats = ['ndjson', 'csv'] as const;
const daysAtMost = 36_500;

/** The audit, for administrators and roles that may read it: nothing here changes or removes an entry. */
@Controller('api/audit')
export class AuditController {
  constructor(@Inject(AUDIT) private readonly audit: Audit) {}

  @Get()
  @Route({ summary: 'Audit entries, newest first', query: [...filters, 'limit', 'after'] })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const limit = integerOf(query, 'limit', { min: 1, max: 500 });
    const found = await this.audit.list(ctxOf(request), { ...filterOf(query), after: query.after, limit });
    sendJson(reply, JSON.stringify(found));
  }

  @Get('export')
  @Route({
    summary: 'All entries of a filter as a file, newest first; itself an entry',
    query: [...filters, 'format'],
  })
  async export(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const format = choiceOf(request.edge.query, 'format', formats) ?? 'ndjson';
    const pages = await this.audit.export(ctx, filterOf(request.edge.query), format);
    reply
      .header('content-type', `${format === 'csv' ? 'text/csv' : 'application/x-ndjson'}; charset=utf-8`)
      .header('content-disposition', attachment(`audit-${ctx.now().toISOString().slice(0, 10)}.${format}`))
      .header('cache-control', 'no-store');
    await reply.send(Readable.from(format === 'csv' ? csvText(pages) : ndjsonText(pages)));
  }

  @Get('kinds')
  @Route({ summary: 'Kinds of entries, and for how many days each is kept (null: for ever)' })
  async kinds(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.audit.kinds(ctxOf(request)));
  }

  @Put('kinds/:kind')
  @Route({
    summary: 'Say for how many days entries of a kind are kept',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['days'],
      properties: { days: { type: ['integer', 'null'], minimum: 1, maximum: daysAtMost } },
    },
  })
  async keep(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { kind } = request.params as { kind: string };
    const { days } = readBody(request, ['days']);
    if (!/^[a-zA-Z][a-zA-Z.]{0,99}$/.test(kind))
      throw invalid('audit.kind', 'A kind is letters and dots, such as session.started.', { params: { kind } });
    if (days !== null && !(typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= daysAtMost))
      throw invalid('audit.days', `"days" must be a whole number from 1 to ${daysAtMost}, or null: for ever.`, {
        params: { most: daysAtMost },
        issues: [{ path: 'days', code: 'audit.days', message: 'No number of days.', params: { most: daysAtMost } }],
      });
    const ctx = ctxOf(request);
    await this.audit.setRetention(ctx, { kind, days });
    sendData(reply, await this.audit.kinds(ctx));
  }

  @Get('chain')
  @Route({
    summary: 'Up to where entries are sealed, the anchor of the end, and what the last check found',
  })
  async chain(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.audit.chain(ctxOf(request)));
  }

  @Post('check')
  @Route({
    summary: 'Check the whole chain, in the background: /api/audit/chain says what was found',
  })
  async check(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    const ctx = ctxOf(request);
    await this.audit.orderCheck(ctx);
    sendData(reply, await this.audit.chain(ctx), 202);
  }

  @Get(':id')
  @Route({ summary: 'One audit entry' })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.audit.get(ctxOf(request), (request.params as { id: string }).id));
  }
}

function filterOf(query: Query): AuditFilter {
  const { kind, actor, entity, record, q } = query;
  return {
    kind,
    actor,
    entity,
    record,
    q: q === '' ? undefined : q,
    from: instantOf(query, 'from'),
    to: instantOf(query, 'to'),
  };
}

function instantOf(query: Query, name: string): Date | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? new Date(text) : null;
  if (at !== null && !Number.isNaN(at.getTime())) return at;
  throw invalid('audit.instant', `"${name}" must be an instant with its zone, such as 2026-05-31T09:30:00Z.`, {
    params: { parameter: name },
  });
}

const columns = ['seq', 'at', 'kind', 'actor', 'actorName', 'requestId', 'details', 'payloadHash', 'hash', 'id'];

async function* csvText(pages: AsyncIterable<AuditEntry[]>): AsyncGenerator<string> {
  yield `\ufeff${csvLine(columns)}`;
  for await (const page of pages) if (page.length > 0) yield page.map(lineOf).join('');
}

function lineOf({ seq, at, kind, actor, requestId, payload, payloadHash, hash, id }: AuditEntry): string {
  const details = payload === null ? null : JSON.stringify(payload);
  return csvLine([seq, at, kind, actor?.id ?? null, actor?.title ?? null, requestId, details, payloadHash, hash, id]);
}

async function* ndjsonText(pages: AsyncIterable<AuditEntry[]>): AsyncGenerator<string> {
  for await (const page of pages) if (page.length > 0) yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
