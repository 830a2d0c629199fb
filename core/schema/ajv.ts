import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Options } from 'ajv/dist/2020.js';
import { linearPattern } from './pattern.js';

/** ajv as this room uses it: draft 2020-12, linear patterns, formats left to the kinds, nothing fetched, nothing coerced. */
export function makeAjv(options: Options = {}): Ajv2020 {
  const regExp = Object.assign((pattern: string) => linearPattern(pattern), { code: 'linearPattern' });
  return new Ajv2020({
    strict: false,
    validateFormats: false,
    allErrors: true,
    ownProperties: true,
    logger: false,
    ...options,
    code: { regExp, ...options.code },
  });
}
