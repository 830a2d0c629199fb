import { isUuid } from '../../base/ids.js';
import type { EntityModel } from '../../schema/index.js';
import type { ColumnMapping } from '../types.js';
import { plain, similarity } from './names.js';
import { aliases, memberAliases } from './synonyms.js';
import type { Target } from './targets.js';
import { membersOf } from './targets.js';

/** A column as the guess sees it. */
export interface ColumnSample {
  readonly column: string;
  /** Cells that are not empty, at most 200, in order. */
  readonly samples: readonly string[];
}

export interface GuessInput {
  readonly columns: readonly ColumnSample[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Headers that are left out for certain: keys of fields that cannot be written, as an export of ours holds them. */
  readonly ignored: ReadonlySet<string>;
  /** Titles of a field in all languages. */
  readonly titles: (field: string) => readonly string[];
  /** True if the text is a value of the target. */
  readonly fits: (text: string, target: Target) => boolean;
  /** Models of linked entities, to choose what a link is matched by. */
  readonly entity: (id: string) => EntityModel | undefined;
}

interface Candidate {
  readonly column: number;
  readonly target: Target;
  readonly score: number;
}

/** Below this a guess would be wrong more often than right. */
const THRESHOLD = 55;
/** The score of a header that is the key of a field. */
const EXACT = 120;
const SHOWN = 5;

/**
 * Maps columns to fields by header (key, title in any language, words that other systems use, likeness) and by content
 * (do the cells parse?). Each field is filled by one column; parts of an address only where no column holds the whole.
 */
export function guessMapping(input: GuessInput): ColumnMapping[] {
  const candidates = input.columns.flatMap((column, index) => candidatesOf(column, index, input));
  candidates.sort((a, b) => b.score - a.score || a.column - b.column);
  const byColumn = new Map<number, Target>();
  const taken = new Set<string>();
  for (const { column, target } of candidates) {
    const rivals =
      target.member === null ? membersOf(target.field).map((member) => `${target.path}.${member}`) : [target.field.key];
    if (byColumn.has(column) || taken.has(target.path) || rivals.some((path) => taken.has(path))) continue;
    byColumn.set(column, target);
    taken.add(target.path);
  }
  return input.columns.map((column, index) => {
    const target = byColumn.get(index);
    const samples = column.samples.slice(0, SHOWN);
    if (!target) return { column: column.column, field: null, samples, guessed: true };
    const matchBy =
      target.member === null && target.field.kind.relation ? matchByOf(column, target, input.entity) : undefined;
    return { column: column.column, field: target.path, ...(matchBy ? { matchBy } : {}), samples, guessed: true };
  });
}

/** What the cells of a link column name: ids, external ids, mail addresses, or titles. */
export function matchByOf(
  column: ColumnSample,
  target: Target,
  entity: (id: string) => EntityModel | undefined,
): string {
  const { samples } = column;
  const all = (test: (text: string) => boolean) => samples.length > 0 && samples.every(test);
  if (
    all(
      (text) =>
        isUuid(text.slice(text.lastIndexOf(':') + 1)) ||
        text.split(/[;,]/).every((part) => isUuid(part.trim().split(/[|(=]/)[0].trim())),
    )
  )
    return 'id';
  if (all((text) => /^\S+@\S+$/.test(text)) && target.field.to.some((id) => entity(id)?.fields.has('email')))
    return 'email';
  const looksLikeKey = all((text) => /^(?=.*\d)[\w.:-]{4,}$/.test(text));
  return looksLikeKey || (samples.length === 0 && /id$/i.test(column.column)) ? 'externalId' : 'title';
}

function candidatesOf(column: ColumnSample, index: number, input: GuessInput): Candidate[] {
  const out: Candidate[] = [];
  if (input.ignored.has(column.column)) return out;
  const own = input.targets.get(column.column);
  if (own?.path === column.column && own.path !== 'id') {
    const score = EXACT - contentPenalty(column, own, input);
    // Nothing beats the field's own key above cells that all fit.
    if (score === EXACT) return [{ column: index, target: own, score }];
  }
  for (const target of input.targets.values()) {
    const byName = nameScore(column, target, input);
    if (byName < THRESHOLD) continue;
    const score = byName - contentPenalty(column, target, input);
    if (score >= THRESHOLD) out.push({ column: index, target, score });
  }
  return out;
}

function nameScore(column: ColumnSample, target: Target, input: GuessInput): number {
  if (column.column === target.path) return target.path === 'id' && !column.samples.every(isUuid) ? 0 : EXACT;
  const header = plain(column.column);
  if (header === '') return 0;
  if (target.member !== null) return memberScore(column.column, header, target, input);
  if (target.path === 'id') return 0;
  // `Id` of another system's file is the key by which its other files refer to the row.
  if (target.path === 'externalId' && header === 'id') return 110;
  const words = [header];
  if (target.field.kind.relation && header.length > 2 && header.endsWith('id')) words.push(header.slice(0, -2));
  // The human column beside an exported link (`company.title`) serves where the link's own column is gone.
  if (target.field.kind.relation && /\.(title|name)$/i.test(column.column))
    words.push(plain(column.column.replace(/\.\w+$/, '')));
  return Math.max(...words.map((word, at) => wordScore(word, target, input) - at));
}

function wordScore(word: string, target: Target, input: GuessInput): number {
  const { key, titles, others } = namesOf(target, input);
  if (word === key) return 100;
  if (titles.includes(word)) return 98;
  const alias = others.indexOf(word);
  if (alias > 0) return 92 - alias * 0.2;
  const likeness = Math.max(
    ...[key, ...titles].filter((name) => name.length >= 5).map((name) => similarity(word, name)),
    0,
  );
  return likeness >= 0.8 ? 75 * likeness : 0;
}

interface Names {
  readonly key: string;
  readonly titles: readonly string[];
  readonly others: readonly string[];
}

const known = new WeakMap<Target, Names>();

/** The words for a target; made once, since each column of a wide file is held against each field of a wide entity. */
function namesOf(target: Target, input: GuessInput): Names {
  let names = known.get(target);
  if (!names) {
    const { key } = target.field;
    names = { key: plain(key), titles: input.titles(key).map(plain), others: aliases(key) };
    known.set(target, names);
  }
  return names;
}

function memberScore(column: string, header: string, target: Target, input: GuessInput): number {
  const key = plain(target.field.key);
  const stems = new Set([key, ...aliases(key), ...input.titles(target.field.key).map(plain)]);
  const members = memberAliases(target.member as string);
  for (const [order, stem] of [...stems].entries()) {
    for (const member of members) {
      if (header === stem + member) return 96 - order * 0.2;
      if (stem.endsWith('address') && stem.length > 7 && header === stem.slice(0, -7) + member) return 95 - order * 0.2;
    }
  }
  // A bare `City` belongs to the only address there is, or to the first.
  const isFirst =
    [...input.targets.values()].find((other) => other.member === target.member)?.field.key === target.field.key;
  return isFirst && members.includes(header) && !column.includes('.') ? 70 : 0;
}

function contentPenalty(column: ColumnSample, target: Target, input: GuessInput): number {
  if (column.samples.length === 0) return 20;
  if (target.field.kind.relation) return 0;
  const fitting = column.samples.filter((text) => input.fits(text, target)).length / column.samples.length;
  return (1 - fitting) * 60;
}
