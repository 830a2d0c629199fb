import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid, isTrellisError } from '../../base/errors.js';
import { CATALOG, type CatalogService, type Definition } from '../../catalog/index.js';
import type { Ctx, Json } from '../../sdk/index.js';
import { checkTemplate, renderTemplate, textOfHtml } from '../../templates/index.js';
import { readBody, textOf } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

const parts = [
  ['subject', 'text'],
  ['body', 'html'],
  ['text', 'text'],
] as const;

/** Templates of mails, notifications and pages, for administrators. They are changed as every definition is, by a change set. */
@Controller('api/templates')
export class TemplatesController {
  constructor(@Inject(CATALOG) private readonly catalog: CatalogService) {}

  @Get()
  @Route({ summary: 'Templates, in the language asked for', access: 'administrator', query: ['locale'] })
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { current } = this.catalog;
    const locale = request.edge.query.locale ?? ctxOf(request).locale;
    const all = [...current.definitions('template').values()].map((definition) => ({
      id: definition.id,
      ...describe(current.localized(definition, locale), definition),
    }));
    sendData(
      reply,
      all.sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  }

  @Post('preview')
  @Route({
    summary: 'Render a template with sample values; sends and stores nothing',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      required: ['subject', 'body'],
      properties: {
        subject: { type: 'string' },
        body: { type: 'string' },
        text: { type: ['string', 'null'] },
        sample: { type: 'object' },
        locale: { type: 'string' },
      },
    },
  })
  preview(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const body = readBody(request, ['subject', 'body', 'text', 'sample', 'locale']);
    const sources = {
      subject: textOf(body, 'subject', { isRequired: true }),
      body: textOf(body, 'body', { isRequired: true }),
      text: textOf(body, 'text'),
    };
    const issues = parts.flatMap(([key, kind]) =>
      sources[key] === undefined
        ? []
        : checkTemplate(sources[key], kind).map(({ line, code, message }) => ({
            path: `/${key}`,
            code,
            message,
            params: { line },
          })),
    );
    if (issues.length > 0) return sendData(reply, { issues, subject: null, html: null, text: null });
    const sample = body.sample ?? {};
    if (typeof sample !== 'object' || Array.isArray(sample) || sample === null)
      throw invalid('request.invalid', '"sample" must be an object.');
    sendData(reply, { issues, ...rendered(ctxOf(request), sources, sample, textOf(body, 'locale')) });
  }
}

function rendered(
  ctx: Ctx,
  sources: { subject: string; body: string; text?: string },
  sample: { [key: string]: Json },
  locale = ctx.locale,
): { subject: string; html: string; text: string } {
  const { name, currency } = ctx.workspace;
  const values = { data: { ...sample, workspace: { name, currency } }, locale: knownLocale(locale), zone: ctx.zone };
  const html = renderTemplate({ ...values, source: sources.body, kind: 'html' });
  return {
    subject: renderTemplate({ ...values, source: sources.subject, kind: 'text' }),
    html,
    text:
      sources.text === undefined ? textOfHtml(html) : renderTemplate({ ...values, source: sources.text, kind: 'text' }),
  };
}

function knownLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en';
  } catch (cause) {
    if (isTrellisError(cause)) throw cause;
    throw invalid('request.invalid', `"${locale.slice(0, 40)}" is no language.`, { cause });
  }
}

function describe(document: Readonly<Record<string, unknown>>, definition: Definition): Record<string, unknown> {
  const { title, description, subject, body, text, sample, notification } = document;
  return {
    title,
    description: description ?? '',
    subject,
    body,
    text: text ?? null,
    sample: sample ?? {},
    isNotification: notification !== undefined,
    plugin: definition.id.split('.')[0],
  };
}
