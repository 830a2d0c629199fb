import { invalid } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog } from '../catalog/index.js';
import type { Ctx, MailInput } from '../sdk/index.js';
import { renderTemplate, textOfHtml } from '../templates/index.js';
import { oneLine, type Mailbox } from './address.js';

/** What a mail says. */
export interface Letter {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Renders a template in the language of the recipient. Throws mail.unknown_template, template.invalid, template.too_large. */
export function renderLetter(
  catalog: Catalog,
  ctx: Ctx,
  input: Pick<MailInput, 'template' | 'data' | 'locale' | 'zone'>,
): Letter {
  const known = catalog.definitions('template');
  const definition = known.get(input.template);
  if (!definition)
    throw invalid(
      'mail.unknown_template',
      `There is no template "${input.template}".${didYouMean(input.template, known.keys())}`,
      { params: { template: input.template } },
    );
  const locale = input.locale ?? ctx.workspace.locale;
  const { subject, body, text } = catalog.localized(definition, locale) as {
    subject: string;
    body: string;
    text?: string;
  };
  const { name, currency } = ctx.workspace;
  const values = { data: { ...input.data, workspace: { name, currency } }, locale, zone: input.zone ?? ctx.zone };
  const title = oneLine(renderTemplate({ ...values, source: subject, kind: 'text' })).slice(0, 300);
  const inner = renderTemplate({ ...values, source: body, kind: 'html' });
  return {
    subject: title === '' ? name : title,
    html: page(inner, locale),
    text: text === undefined ? textOfHtml(inner) : renderTemplate({ ...values, source: text, kind: 'text' }),
  };
}

/** The bytes of a message (RFC 5322). Its id follows from the mail's, so that a second copy is known as one. */
export async function composeMessage(input: {
  id: string;
  from: Mailbox;
  to: Mailbox;
  letter: Letter;
  host: string;
  at: Date;
}): Promise<Buffer> {
  const { id, from, to, letter, host, at } = input;
  // Loaded with the first mail: a server without one starts sooner.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  return new MailComposer({
    from,
    to,
    subject: letter.subject,
    html: letter.html,
    text: letter.text,
    messageId: `<${id}@${host}>`,
    date: at,
    // Answers of machines are unwanted (RFC 3834).
    headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

function page(inner: string, locale: string): string {
  return `<!doctype html>
<html lang="${locale.replace(/[^A-Za-z0-9-]/g, '')}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1f2937;font:15px/1.6 -apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif">
<div style="max-width:600px;margin:0 auto">
${inner}
</div>
</body>
</html>
`;
}
