/** The registry of field kinds. Adding a kind: one file beside this, one line below, one widget in admin-ui. */
import { address } from './address.js';
import { anyLink } from './any-link.js';
import { autoNumber } from './auto-number.js';
import { boolean } from './boolean.js';
import { choice } from './choice.js';
import { color } from './color.js';
import { currency } from './currency.js';
import { date } from './date.js';
import { dateTime } from './date-time.js';
import { decimal } from './decimal.js';
import { duration } from './duration.js';
import { email } from './email.js';
import { file } from './file.js';
import { formula } from './formula.js';
import { geo } from './geo.js';
import { id } from './id.js';
import { integer } from './integer.js';
import { json } from './json.js';
import { lines } from './lines.js';
import { link } from './link.js';
import { links } from './links.js';
import { longText } from './long-text.js';
import { money } from './money.js';
import { multiChoice } from './multi-choice.js';
import { percent } from './percent.js';
import { phone } from './phone.js';
import { rating } from './rating.js';
import { richText } from './rich-text.js';
import { rollup } from './rollup.js';
import { secret } from './secret.js';
import { tags } from './tags.js';
import { text } from './text.js';
import { url } from './url.js';
import { user } from './user.js';
import type { FieldKind } from './kind.js';

/** The kinds that a definition may name. */
export const allKinds: readonly FieldKind[] = [
  text,
  longText,
  richText,
  choice,
  multiChoice,
  boolean,
  integer,
  decimal,
  money,
  percent,
  date,
  dateTime,
  duration,
  email,
  phone,
  url,
  address,
  geo,
  color,
  rating,
  tags,
  json,
  autoNumber,
  file,
  link,
  links,
  anyLink,
  user,
  formula,
  rollup,
  lines,
  secret,
];

/** Kinds that only the kernel gives: the record's id, the currency beside an amount. */
export const internalKinds: readonly FieldKind[] = [id, currency];

const byId = new Map([...allKinds, ...internalKinds].map((kind) => [kind.id, kind]));

/** The kind of that name, or null. */
export function kindOf(name: string): FieldKind | null {
  return byId.get(name) ?? null;
}
