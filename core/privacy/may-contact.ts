import { isTrellisError } from '../base/errors.js';
import type { ContactQuestion, ContactVerdict, Ctx, RecordData } from '../sdk/index.js';
import type { PrivacyDeps } from './deps.js';
import { markedOf } from './marks.js';

/** Entries of one person, purpose and channel that are looked at; the newest decides. */
const entriesAtMost = 200;

/** The latest entry of `core.consent` decides; none is a no. Asked as the system: a member need not see the evidence to be refused. */
export async function mayContact(deps: PrivacyDeps, ctx: Ctx, question: ContactQuestion): Promise<ContactVerdict> {
  const system = ctx.asSystem('ask for consent');
  const { subject, purpose, channel } = question;
  const isThere = await system.records.get(system, { ...subject, fields: ['id'] }).then(
    () => true,
    (error: unknown) => {
      if (isTrellisError(error) && error.kind === 'missing') return false;
      throw error;
    },
  );
  if (!isThere) return { allowed: false, reason: 'gone' };
  if ((await markedOf(deps, 'restriction', [subject.id])).size > 0) return { allowed: false, reason: 'restricted' };
  const text = (value: string): string => JSON.stringify(value);
  const { data } = await system.records.list(system, {
    entity: 'core.consent',
    fields: ['state', 'contactPoint', 'at'],
    filter: `subject == ${text(subject.id)} && purpose == ${text(purpose)} && channel == ${text(channel)}`,
    sort: ['-at', '-createdAt'],
    limit: entriesAtMost,
  });
  const latest = data.find((entry) => isAbout(entry, question.contactPoint, ctx.now()));
  if (latest === undefined) return { allowed: false, reason: 'none' };
  return latest.state === 'given' ? { allowed: true, reason: 'given' } : { allowed: false, reason: 'withdrawn' };
}

/** An entry without a contact point is about all of its channel; one of the future does not hold yet. */
function isAbout(entry: RecordData, contactPoint: string, now: Date): boolean {
  if (typeof entry.at === 'string' && Date.parse(entry.at) > now.getTime()) return false;
  return entry.contactPoint === null || entry.contactPoint === contactPoint.trim().toLowerCase();
}
