import { completion, derivedDuration } from './complete-activity.js';
import { fullName } from './derive-full-name.js';
import { duplicateScore } from './duplicate-score.js';
import { candidateFilter, likeliest } from './flag-duplicates.js';
import { cleanMail, cleanText } from './normalise.js';

describe('normalise', () => {
  test('blanks go, and only blanks', () => {
    expect(cleanText('  Ada   King ')).toBe('Ada King');
    expect(cleanText('张 伟')).toBe('张 伟');
    expect(cleanText('a\u3000b')).toBe('a\u3000b');
    expect(cleanText('   ')).toBe('   ');
    expect(cleanText(null)).toBeNull();
    expect(cleanText(undefined)).toBeUndefined();
  });
  test('mail is lower case', () => expect(cleanMail(' Ada@Example.ORG ')).toBe('ada@example.org'));
});

describe('full name', () => {
  test.each([
    ['Ada', 'Lovelace', 'Ada Lovelace'],
    ['小明', '王', '王小明'],
    ['지우', '김', '김지우'],
    ['Wei', '张', 'Wei 张'],
    [null, 'Cher', 'Cher'],
    ['Ada', '', 'Ada'],
    [null, null, null],
  ])('%s + %s = %s', (first, last, expected) => expect(fullName(first, last)).toBe(expected));
});

describe('duplicates', () => {
  const acme = { id: 'acme' };
  test('the same mail, in either field, is certain', () => {
    expect(duplicateScore({ email: 'a@x.example' }, { emailSecondary: 'a@x.example' })).toBe(100);
    expect(duplicateScore({ email: null }, { email: null })).toBe(0);
  });
  test('the same telephone counts more with a similar name', () => {
    expect(
      duplicateScore({ phone: '+4930', fullName: 'Jon Keller' }, { mobile: '+4930', fullName: 'John Keller' }),
    ).toBe(95);
    expect(duplicateScore({ phone: '+4930', fullName: 'Jon Keller' }, { mobile: '+4930', fullName: 'Mia Wong' })).toBe(
      80,
    );
  });
  test('a similar name counts at the same company only', () => {
    expect(
      duplicateScore({ fullName: 'Jon Keller', company: acme }, { fullName: 'John  KELLER', company: acme }),
    ).toBeGreaterThanOrEqual(90);
    expect(
      duplicateScore({ fullName: 'Jon Keller', company: acme }, { fullName: 'John Keller', company: { id: 'other' } }),
    ).toBe(0);
    expect(duplicateScore({ fullName: 'Jon Keller' }, { fullName: 'Jon Keller' })).toBe(0);
    expect(duplicateScore({ fullName: 'Jon Keller', company: acme }, { fullName: 'Mia Wong', company: acme })).toBe(0);
  });
  test('accents and points make no difference', () => {
    expect(
      duplicateScore({ fullName: 'José M. Núñez', company: acme }, { fullName: 'Jose M Nunez', company: acme }),
    ).toBe(100);
  });
  test('points at the likeliest, then the oldest, never at itself or a younger one', () => {
    const at = (id: string, createdAt: string, email: string) => ({ id, createdAt, email });
    const all = [
      at('young', '2026-03', 'a@x'),
      at('old', '2026-01', 'a@x'),
      at('mid', '2026-02', 'a@x'),
      at('else', '2025-01', 'b@x'),
    ];
    expect(likeliest({ id: 'new', next: { email: 'a@x' } }, all)).toEqual({ id: 'old', score: 100 });
    expect(likeliest({ id: 'old', next: { email: 'a@x', createdAt: '2026-01' } }, all)).toBeNull();
    expect(likeliest({ id: 'mid', next: { email: 'a@x', createdAt: '2026-02' } }, all)).toEqual({
      id: 'old',
      score: 100,
    });
  });
  test('one filter asks for the whole batch, quoted', () => {
    expect(
      candidateFilter([
        { email: 'a"@x', company: acme },
        { email: 'b@x', company: acme },
      ]),
    ).toBe('email in ["a\\"@x", "b@x"] || emailSecondary in ["a\\"@x", "b@x"] || company in ["acme"]');
    expect(candidateFilter([{ fullName: 'Nobody' }])).toBeNull();
  });
});

describe('activities', () => {
  const now = new Date('2026-05-01T08:00:00.000Z');
  test('completion is noted once and taken back', () => {
    expect(completion({ status: 'completed' }, null, now)).toEqual({ completedAt: now.toISOString() });
    expect(completion({ status: 'completed' }, { status: 'waiting' }, now)).toEqual({ completedAt: now.toISOString() });
    expect(completion({ status: 'completed' }, { status: 'completed' }, now)).toEqual({});
    expect(completion({ status: 'inProgress' }, { status: 'completed' }, now)).toEqual({ completedAt: null });
    expect(completion({ status: 'inProgress' }, null, now)).toEqual({});
  });
  test('what comes in completed was completed when it ended', () => {
    const [ended, created] = ['2026-04-01T09:00:00.000Z', '2026-04-02T09:00:00.000Z'];
    expect(completion({ status: 'completed', endAt: ended, createdAt: created }, null, now)).toEqual({
      completedAt: ended,
    });
    expect(completion({ status: 'completed', createdAt: created }, null, now)).toEqual({ completedAt: created });
    expect(completion({ status: 'completed', endAt: '2026-06-01T09:00:00.000Z' }, null, now)).toEqual({
      completedAt: now.toISOString(),
    });
  });
  test('the duration follows from start and end unless it is given', () => {
    const next = { startAt: '2026-05-01T08:00:00.000Z', endAt: '2026-05-01T08:45:00.000Z' };
    expect(derivedDuration(next, new Set(['startAt']))).toEqual({ duration: 2_700 });
    expect(derivedDuration(next, new Set(['startAt', 'duration']))).toEqual({});
    expect(derivedDuration(next, new Set(['status']))).toEqual({});
    expect(derivedDuration({ startAt: next.endAt, endAt: next.startAt }, new Set(['endAt']))).toEqual({});
  });
});
