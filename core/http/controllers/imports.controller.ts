import { join } from 'node:path';
import { Controller, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../base/config.js';
import { invalid } from '../../base/errors.js';
import { CONFIG } from '../../base/tokens.js';
import {
  EXCHANGE,
  type ColumnMapping,
  type Exchange,
  type ImportOptions,
  type ImportState,
} from '../../exchange/index.js';
import { DATABASE, type Database } from '../../storage/index.js';
import { readOptionalBody, refused, type Body } from '../body.js';
import { attachment } from '../content-disposition.js';
import { idempotentCall, runClaimed } from '../idempotency.js';
import { parseJsonText } from '../json/strict-json.js';
import { readForm } from '../multipart.js';
import { ctxOf, Route, sendData } from '../route.js';
import { maxSpoolBytes } from '../spool.js';

const optionKeys = [
  'mapping',
  'mode',
  'key',
  'delimiter',
  'encoding',
  'region',
  'dateOrder',
  'decimalSeparator',
  'zone',
  'ownerId',
  'onUnknownChoice',
] as const;

/** Imports of files: upload and preview, start, stop, undo. */
@Controller('api/imports')
export class ImportsController {
  private readonly folder: string;

  constructor(
    @Inject(EXCHANGE) private readonly exchange: Exchange,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) config: Config,
  ) {
    this.folder = join(config.dataDir, 'tmp');
  }

  @Get()
  @Route({ summary: 'One’s own imports, newest first' })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.exchange.listImports(ctxOf(request)));
  }

  @Post()
  @Route({
    summary: 'Upload a file to import (parts file, entity, options); answers the guessed mapping and a preview',
    body: 'multipart',
    isIdempotent: true,
  })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const form = await readForm(request, {
      folder: this.folder,
      maxBytes: maxSpoolBytes,
      fields: ['entity', 'options'],
    });
    try {
      const { entity } = form.fields;
      if (entity === undefined || entity === '')
        throw refused('entity', 'field.required', 'The part "entity" is needed.');
      const options = readOptions(
        form.fields.options === undefined ? {} : (parseJsonText(form.fields.options) as Body),
      );
      const make = (): Promise<ImportState> =>
        this.exchange.createImport(ctx, { file: form.file.path, fileName: form.file.name, entity, options });
      const call = idempotentCall(request, Buffer.from(`${entity}\n${form.fields.options ?? ''}\n${form.file.hash}`));
      if (call === null) return sendData(reply, await make(), 201);
      const { kept, isReplay } = await runClaimed(this.database, ctx, call, async () => (await make()).id);
      if (isReplay) reply.header('idempotency-replayed', 'true');
      sendData(reply, await this.exchange.getImport(ctx, kept), 201);
    } finally {
      await form.discard();
    }
  }

  @Get(':id')
  @Route({ summary: 'State of an import' })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.exchange.getImport(ctxOf(request), idOf(request)));
  }

  @Patch(':id')
  @Route({ summary: 'Preview again under another mapping or other options' })
  async remap(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(
      reply,
      await this.exchange.remapImport(
        ctxOf(request),
        idOf(request),
        remapOf(readOptionalBody(request, [...optionKeys, 'options'])),
      ),
    );
  }

  @Post(':id/start')
  @Route({ summary: 'Start an import', isOwnBusiness: true })
  async start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(
      reply,
      await this.exchange.startImport(
        ctxOf(request),
        idOf(request),
        remapOf(readOptionalBody(request, [...optionKeys, 'options'])),
      ),
      202,
    );
  }

  @Post(':id/cancel')
  @Route({ summary: 'Stop an import after the chunk that is being written' })
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(request, reply, 'cancelImport');
  }

  @Post(':id/resume')
  @Route({ summary: 'Go on with a stopped or failed import', isOwnBusiness: true })
  resume(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(request, reply, 'resumeImport');
  }

  @Post(':id/undo')
  @Route({ summary: 'Take back what an import made and nobody has touched since', isOwnBusiness: true })
  undo(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(request, reply, 'undoImport');
  }

  @Get(':id/refused')
  @Route({ summary: 'The refused rows with reasons, as CSV', query: ['locale'] })
  async refusedRows(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const { locale = ctx.locale } = request.edge.query;
    const file = await this.exchange.refusedRows(ctx, idOf(request), locale);
    reply
      .header('content-type', file.mediaType)
      .header('content-disposition', attachment(file.fileName))
      .header('cache-control', 'no-store');
    await reply.send(file.body);
  }

  private async act(
    request: FastifyRequest,
    reply: FastifyReply,
    verb: 'cancelImport' | 'resumeImport' | 'undoImport',
  ): Promise<void> {
    readOptionalBody(request, []);
    sendData(reply, await this.exchange[verb](ctxOf(request), idOf(request)), 202);
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

function remapOf(body: Body): { mapping?: readonly ColumnMapping[]; options?: ImportOptions } {
  const { options, ...direct } = body;
  if (options !== undefined && (options === null || typeof options !== 'object' || Array.isArray(options)))
    throw refused('options', 'field.type', '"options" must be an object.');
  const { mapping, ...rest } = readOptions({ ...options, ...direct });
  return {
    ...(mapping === undefined ? {} : { mapping }),
    ...(Object.keys(rest).length === 0 ? {} : { options: rest }),
  };
}

/** Options of an import with known keys and plain values; what they mean is checked by exchange. */
function readOptions(body: Body): ImportOptions {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw refused('options', 'field.type', '"options" must be an object.');
  for (const [key, value] of Object.entries(body)) {
    if (!(optionKeys as readonly string[]).includes(key))
      throw invalid('request.unknown_key', `There is no import option "${key}".`, {
        hint: `Known: ${optionKeys.join(', ')}.`,
      });
    if (key !== 'mapping' && value !== null && typeof value !== 'string')
      throw refused(`options/${key}`, 'field.type', `"${key}" must be text.`);
  }
  const { mapping } = body;
  const isMapping = (item: unknown): boolean =>
    item !== null && typeof item === 'object' && typeof (item as { column?: unknown }).column === 'string';
  if (mapping !== undefined && !(Array.isArray(mapping) && mapping.every(isMapping)))
    throw refused('mapping', 'field.type', '"mapping" must be a list of {column, field, matchBy?}.');
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== null && value !== undefined),
  ) as ImportOptions;
}
