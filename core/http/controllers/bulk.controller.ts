import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACCESS, type Access } from '../../access/index.js';
import type { Config } from '../../base/config.js';
import { invalid } from '../../base/errors.js';
import { AUDIT_LOG, CONFIG } from '../../base/tokens.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import { EXCHANGE, type Exchange } from '../../exchange/index.js';
import { RECORDS, type BulkCounts, type Records } from '../../records/index.js';
import type { AuditLog, BulkMode, Ctx, Json, RecordData, Tx } from '../../sdk/index.js';
import { DATABASE, type Database } from '../../storage/index.js';
import { maxBodyBytes } from '../body-parser.js';
import { refused, textOf, type Body } from '../body.js';
import { runBulk, type BulkNote, type BulkRequest, type OncePiece } from '../bulk.js';
import { attachment } from '../content-disposition.js';
import { idempotentCall, runClaimed, runPiece } from '../idempotency.js';
import { parseJson } from '../json/strict-json.js';
import { booleanOf, choiceOf } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';
import { sniffBody } from '../row-reader.js';
import { spoolBody, type Spool } from '../spool.js';
import { listQuery } from './records.controller.js';

const modes = ['create', 'update', 'upsert', 'delete'] as const;
/** Answers longer than this are not kept for a repeat; it gets the counts only. */
const keptAnswerBytes = 4 * 1_048_576;

/** Many records in one request, both ways. */
@Controller('api/records')
export class BulkController {
  private readonly folder: string;

  constructor(
    @Inject(RECORDS) private readonly records: Records,
    @Inject(EXCHANGE) private readonly exchange: Exchange,
    @Inject(ACCESS) private readonly access: Access,
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(AUDIT_LOG) private readonly audit: AuditLog,
    @Inject(CONFIG) config: Config,
  ) {
    this.folder = join(config.dataDir, 'tmp');
  }

  @Post(':entity/bulk')
  @Route({
    summary: 'Write many records: NDJSON or a JSON array of rows, or {filter, patch} for all that match',
    query: ['mode', 'key', 'atomic', 'revive', 'systemFields'],
    body: 'stream',
    isGuarded: true,
    isIdempotent: true,
  })
  async bulk(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const { entity } = request.params as { entity: string };
    if (!(request.body instanceof Readable))
      throw invalid('request.body', 'A bulk needs a body: NDJSON, a JSON array, or {filter, patch}.');
    const body = await spoolBody(request.body as AsyncIterable<Buffer>, { folder: this.folder });
    try {
      const isLines = /ndjson/i.test(request.headers['content-type'] ?? '');
      const shape = isLines ? 'other' : await sniffBody(body.stream());
      if (shape === 'object') return await this.bulkWhere(ctx, reply, entity, body, request);
      const input = bulkRequest(entity, request);
      // Asked before anything is read, so that nobody learns from the rows of an entity that is not there for them.
      this.requireAccess(ctx, input);
      await this.bulkRows(ctx, request, reply, input, { body, format: isLines ? 'ndjson' : 'array' });
    } finally {
      await body.dispose();
    }
  }

  @Get(':entity/export')
  @Route({ summary: 'Download all records that match', query: ['format', 'filter', 'sort', 'fields', 'q', 'deleted'] })
  async export(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { entity, ...query } = listQuery((request.params as { entity: string }).entity, {
      ...request.edge.query,
      format: undefined,
    });
    const format = choiceOf(request.edge.query, 'format', ['csv', 'ndjson', 'xlsx']) ?? 'csv';
    const { filter, sort, fields, q, deleted } = query;
    const file = await this.exchange.exportRecords(ctxOf(request), {
      entity,
      format,
      query: { filter, sort, fields, q, deleted },
    });
    reply
      .header('content-type', file.mediaType)
      .header('content-disposition', attachment(file.fileName))
      .header('cache-control', 'no-store');
    await reply.send(file.body);
  }

  private async bulkRows(
    ctx: Ctx,
    request: FastifyRequest,
    reply: FastifyReply,
    input: BulkRequest,
    source: { body: Spool; format: 'ndjson' | 'array' },
  ): Promise<void> {
    const call = idempotentCall(request, source.body.hash);
    const { entity, mode: operation } = input;
    const known = this.catalog.current.schema.entities.get(entity)?.fields;
    const isField = (key: string): boolean => key !== 'id' && known?.has(key) === true;
    const note: BulkNote = (inside, counts, keys) =>
      this.note(ctx, inside.tx, { entity, operation, filter: null, q: null, fields: [...keys] }, counts);
    const run = (once?: OncePiece): Promise<Spool> =>
      runBulk(ctx, this.records, input, { ...source, folder: this.folder }, { isField, note, once });
    if (call === null) return this.answer(reply, await run());
    let answer: Spool | null = null;
    const { kept, isReplay } = await runClaimed(this.database, ctx, call, async () => {
      answer = await run((offset, work) => runPiece(ctx, call, offset, work));
      return answer.size <= keptAnswerBytes ? textOfSpool(answer) : '{"data":[],"isTruncated":true}';
    });
    if (answer !== null) return this.answer(reply, answer);
    if (isReplay) reply.header('idempotency-replayed', 'true');
    sendJson(reply, kept);
  }

  private async answer(reply: FastifyReply, spool: Spool): Promise<void> {
    reply
      .code(200)
      .header('content-type', 'application/json; charset=utf-8')
      .header('content-length', spool.size)
      .header('cache-control', 'no-store');
    reply.raw.once('close', () => void spool.dispose());
    await reply.send(spool.stream());
  }

  private async bulkWhere(
    ctx: Ctx,
    reply: FastifyReply,
    entity: string,
    body: Spool,
    request: FastifyRequest,
  ): Promise<void> {
    if (body.size > maxBodyBytes) throw invalid('request.malformed', 'A body of {filter, patch} has at most 1 MB.');
    const input = parseJson(Buffer.from(await textOfSpool(body))) as Body;
    for (const key of Object.keys(input))
      if (!['filter', 'q', 'patch'].includes(key))
        throw refused(key, 'request.unknown_key', `There is no "${key}" here. Known: filter, q, patch.`);
    const { patch } = input as { patch?: Json };
    if (patch === undefined || (patch !== null && (typeof patch !== 'object' || Array.isArray(patch))))
      throw refused('patch', 'field.type', '"patch" must be an object of changes, or null to delete.');
    const mode = choiceOf(request.edge.query, 'mode', modes);
    if (mode !== undefined && mode !== (patch === null ? 'delete' : 'update'))
      throw refused(
        'patch',
        'bulk.mode',
        'With {filter, patch} the mode is update, or delete where the patch is null.',
      );
    // What is left empty must not come to mean everything.
    if (!textOf(input, 'filter')?.trim() && !textOf(input, 'q')?.trim())
      throw refused('filter', 'field.required', '"filter" is needed; "true" means all records.');
    const [filter, q] = [textOf(input, 'filter'), textOf(input, 'q')];
    const run = async (): Promise<string> => {
      const what = {
        entity,
        operation: patch === null ? 'delete' : 'update',
        filter: filter ?? null,
        q: q ?? null,
        fields: Object.keys(patch ?? {}),
      };
      const data = await this.records.bulkWhere(ctx, {
        entity,
        filter,
        q,
        patch: patch as RecordData | null,
        note: (tx, counts) => this.note(ctx, tx, what, counts),
      });
      return JSON.stringify({ data });
    };
    const call = idempotentCall(request, body.hash);
    const outcome =
      call === null ? { kept: await run(), isReplay: false } : await runClaimed(this.database, ctx, call, run);
    if (outcome.isReplay) this.access.read(ctx, this.catalog.current, entity);
    sendData(reply, (JSON.parse(outcome.kept) as { data: unknown }).data);
  }

  /** The records that changed are entries of their own; this one says by what they were found, if by a filter. `counts` null: more follow. */
  private async note(ctx: Ctx, tx: Tx, what: Record<string, Json>, counts: BulkCounts | null): Promise<void> {
    if (ctx.actor.kind !== 'user') return;
    const { userId: actor, actedBy } = ctx.actor;
    await this.audit.append(tx, {
      kind: counts === null ? 'records.bulkBegun' : 'records.bulk',
      actor,
      requestId: ctx.requestId,
      payload: { ...what, ...counts, ...(actedBy ? { actedBy: actedBy.userId } : {}) },
    });
  }

  private requireAccess(ctx: Ctx, input: BulkRequest): void {
    const catalog = this.catalog.current;
    if (input.mode !== 'upsert') this.access.write(ctx, catalog, input.entity, input.mode);
    else if (!this.access.may(ctx, catalog, input.entity, 'create'))
      this.access.write(ctx, catalog, input.entity, 'update');
    else this.access.read(ctx, catalog, input.entity);
  }
}

function bulkRequest(entity: string, request: FastifyRequest): BulkRequest {
  const { query } = request.edge;
  const mode: BulkMode | undefined = choiceOf(query, 'mode', modes);
  if (mode === undefined)
    throw invalid('request.parameter', 'The parameter "mode" is needed: create, update, upsert or delete.', {
      issues: [{ path: '?mode', code: 'request.parameter', message: 'mode is needed' }],
    });
  return {
    entity,
    mode,
    key: query.key === '' ? undefined : query.key,
    atomic: booleanOf(query, 'atomic') ?? false,
    revive: booleanOf(query, 'revive') ?? false,
    systemFields: booleanOf(query, 'systemFields') ?? false,
  };
}

async function textOfSpool(spool: Spool): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of spool.stream()) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
