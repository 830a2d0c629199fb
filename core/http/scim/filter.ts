import { invalid } from '../../base/errors.js';
import type { Comparison, Condition, Plain } from '../../identity/index.js';

/** Characters of a filter, and conditions within it. */
const maxLength = 8_000;
const maxConditions = 200;
const maxDepth = 20;

const words =
  /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([()[\]])|([A-Za-z$](?:[A-Za-z0-9_$.-]|:(?=[A-Za-z0-9]))*))/y;
const comparisons: readonly string[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];

interface Word {
  readonly kind: 'text' | 'number' | 'sign' | 'name';
  readonly text: string;
}

/**
 * Reads a filter of RFC 7644 §3.4.2.2. `emails[type eq "work"]` becomes conditions on `emails.type`; names lose their schema and are in
 * small letters. Throws scim.filter.
 */
export function parseFilter(text: string): Condition {
  return new Parser(wordsOf(text)).all();
}

class Parser {
  private at = 0;
  private conditions = 0;

  constructor(private readonly given: readonly Word[]) {}

  all(): Condition {
    const condition = this.either('', 0);
    if (this.at < this.given.length) throw wrong(`"${this.given[this.at].text.slice(0, 40)}" was not expected.`);
    return condition;
  }

  private either(prefix: string, depth: number): Condition {
    const parts = [this.both(prefix, depth)];
    while (this.takes('or')) parts.push(this.both(prefix, depth));
    return parts.length === 1 ? parts[0] : { kind: 'or', parts };
  }

  private both(prefix: string, depth: number): Condition {
    const parts = [this.one(prefix, depth)];
    while (this.takes('and')) parts.push(this.one(prefix, depth));
    return parts.length === 1 ? parts[0] : { kind: 'and', parts };
  }

  private one(prefix: string, depth: number): Condition {
    if (depth > maxDepth) throw wrong('Brackets stand too deep within each other.');
    if (this.isName('not') && this.given[this.at + 1]?.text === '(') {
      this.at++;
      return { kind: 'not', part: this.one(prefix, depth + 1) };
    }
    if (this.takesSign('(')) return this.closed(')', this.either(prefix, depth + 1));
    const attribute = prefix + nameOf(this.take('name', 'the name of an attribute'));
    if (/(^|\.)(constructor|prototype)(\.|$)/.test(attribute))
      throw wrong(`"${attribute.slice(0, 40)}" is no attribute.`);
    if (prefix === '' && this.takesSign('[')) return this.closed(']', this.either(`${attribute}.`, depth + 1));
    if (++this.conditions > maxConditions) throw wrong(`At most ${maxConditions} conditions.`);
    const op = this.take('name', 'an operator').toLowerCase();
    if (op === 'pr') return { kind: 'present', attribute };
    if (!comparisons.includes(op)) throw wrong(`There is no operator "${op.slice(0, 20)}".`);
    return { kind: 'compare', attribute, op: op as Comparison, value: this.value() };
  }

  private value(): Plain {
    const word = this.given[this.at++];
    if (word?.kind === 'text') return JSON.parse(word.text) as string;
    if (word?.kind === 'number') return Number(word.text);
    const plain = { true: true, false: false, null: null }[word?.text.toLowerCase() ?? ''];
    if (plain === undefined) throw wrong('A value in quotes, a number, true, false or null is needed.');
    return plain;
  }

  private closed(sign: string, inner: Condition): Condition {
    if (!this.takesSign(sign)) throw wrong(`"${sign}" is missing.`);
    return inner;
  }

  private take(kind: Word['kind'], what: string): string {
    const word = this.given[this.at++];
    if (word?.kind !== kind) throw wrong(`Here ${what} is needed.`);
    return word.text;
  }

  private takes(name: string): boolean {
    if (!this.isName(name)) return false;
    this.at++;
    return true;
  }

  private takesSign(sign: string): boolean {
    const word = this.given[this.at];
    if (word?.kind !== 'sign' || word.text !== sign) return false;
    this.at++;
    return true;
  }

  private isName(name: string): boolean {
    const word = this.given[this.at];
    return word?.kind === 'name' && word.text.toLowerCase() === name;
  }
}

/** An attribute in small letters, without the schema before it. */
export function nameOf(attribute: string): string {
  return attribute.replace(/^urn:ietf:params:scim:schemas:core:2\.0:(User|Group):/i, '').toLowerCase();
}

function wordsOf(text: string): Word[] {
  if (text.length > maxLength) throw wrong(`A filter may have at most ${maxLength} characters.`);
  const found: Word[] = [];
  words.lastIndex = 0;
  const whole = text.trimEnd();
  while (words.lastIndex < whole.length) {
    const at = words.lastIndex;
    const match = words.exec(whole);
    if (match === null) throw wrong(`It cannot be read from "${whole.slice(at, at + 40)}" on.`);
    const [, quoted, number, sign, name] = match;
    if (quoted !== undefined) found.push({ kind: 'text', text: checkedText(quoted) });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign });
    else found.push({ kind: 'name', text: name });
  }
  return found;
}

/** A JSON string, without what no column takes. */
function checkedText(quoted: string): string {
  try {
    if (!(JSON.parse(quoted) as string).includes('\0')) return quoted;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw wrong('A text in quotes is no JSON string.');
}

function wrong(message: string): Error {
  return invalid('scim.filter', `The filter is wrong. ${message}`, {
    hint: 'For example: userName eq "ann@example.com".',
  });
}
