import { createRequire } from 'node:module';
import type * as PhoneNumbers from 'libphonenumber-js/min';
import { textOperators } from '../operators.js';
import { columnKind, ok, refuse } from './column-kind.js';
import type { Coerced, CoerceEnv, FieldKind } from './kind.js';

/** A phone number in E.164 (`+4930123456`). Without a country code it is one of the environment's region. */
export const phone: FieldKind = columnKind({
  id: 'phone',
  pgType: 'text collate "C"',
  expr: { t: 'text' },
  bytes: 16,
  searched: true,
  mask: (value) => `('•••' || right(${value}, 2))`,
  ops: textOperators,
  widget: 'phone',
  valueSchema: () => ({ type: 'string', maxLength: 60 }),
  normalize: (value, _field, env) => parse(value as string, env),
  coerce: (text, _field, env) => parse(text, env),
  format: (value) => value as string,
  cases: {
    valid: [
      { input: '+493012345678' },
      { input: '+86 138 0013 8000', canonical: '+8613800138000' },
      { input: '(201) 555-0123', canonical: '+12015550123' },
    ],
    invalid: ['12', 'call me', '', 12345, '+1 201 555 0123 ext. 5'],
    texts: [
      { text: '3456588094', value: '+13456588094' },
      { text: '1552512395', value: '+11552512395' },
      { text: '1101012886', value: '+11101012886' },
      { text: '12', problem: 'phone.invalid' },
      { text: 'x12', problem: 'phone.invalid' },
    ],
  },
});

const require = createRequire(import.meta.url);
let library: typeof PhoneNumbers | undefined;

/** The library with its metadata, loaded with the first number: no start needs it. */
function phoneNumbers(): typeof PhoneNumbers {
  return (library ??= require('libphonenumber-js/min') as typeof PhoneNumbers);
}

/** Possible lengths are enough: many real and most synthetic numbers are missing from the metadata of valid ranges. */
function parse(text: string, env: CoerceEnv): Coerced {
  const defaultCountry = env.region as PhoneNumbers.CountryCode;
  const number = phoneNumbers().parsePhoneNumberFromString(text, { defaultCountry, extract: false });
  if (!number || !number.isPossible())
    return refuse('phone.invalid', `"${text.slice(0, 40)}" is not a phone number.`, { region: env.region });
  if (number.ext)
    return refuse('phone.extension', `"${text.slice(0, 40)}" has an extension, which a phone field does not keep.`);
  return ok(number.number);
}
