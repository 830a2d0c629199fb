import { denied, invalid } from '../base/errors.js';
import type { ContactVerdict, Ctx, MailInput } from '../sdk/index.js';

/** Why a mail with a purpose does not go, in words that stand beside it in the list of mails. */
const words: Readonly<Record<Exclude<ContactVerdict['reason'], 'given'>, string>> = {
  none: 'The person has not agreed to mails for this purpose.',
  withdrawn: 'The person has withdrawn consent to mails for this purpose.',
  restricted: 'The processing of the data of this person is restricted.',
  gone: 'The person is not there any more.',
};

/** Lets a mail through that has no purpose, or whose recipient agreed to it. Throws mail.no_subject, privacy.no_consent, privacy.restricted. */
export async function requireConsent(ctx: Ctx, input: MailInput, address: string): Promise<void> {
  const { purpose, subject } = input;
  if (purpose === undefined) return;
  if (subject === undefined)
    throw invalid('mail.no_subject', 'A mail with a purpose must say whom it is about.', {
      hint: 'Give `subject`, so that consent can be asked.',
    });
  const { reason } = await ctx.privacy.mayContact(ctx, { subject, purpose, channel: 'email', contactPoint: address });
  if (reason === 'given') return;
  throw denied(reason === 'restricted' ? 'privacy.restricted' : 'privacy.no_consent', words[reason], {
    params: { purpose, reason },
  });
}

/** Asked at the moment of sending: the words why it must not go after all, or null. */
export async function refusalOf(
  ctx: Ctx,
  mail: {
    readonly address: string;
    readonly purpose: string | null;
    readonly subject_entity: string | null;
    readonly subject_id: string | null;
  },
): Promise<string | null> {
  const { purpose, subject_entity: entity, subject_id: id, address } = mail;
  if (purpose === null || entity === null || id === null) return null;
  const question = { subject: { entity, id }, purpose, channel: 'email', contactPoint: address };
  const { reason } = await ctx.privacy.mayContact(ctx, question);
  return reason === 'given' ? null : words[reason];
}
