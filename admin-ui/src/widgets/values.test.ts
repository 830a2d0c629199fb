import { addressLines, mapHref } from './address/address-lines.js';
import { offeredOptions } from './choice/offered-options.js';
import { contactHref, contactText } from './contact/contact-href.js';
import { countries } from './countries.js';
import { formatDuration, parseDuration } from './duration.js';
import { heldLink, heldLinks } from './link/link-values.js';
import { parseNumber } from './number/parse-number.js';
import { plainText } from './rich-text/plain-text.js';
import { cleanTags } from './tags/clean-tags.js';
import { isEmpty, linksChange, written } from './written.js';
import type { CatalogField } from '../../../schemas/catalog.js';

describe('numbers as people type them', () => {
  it.each([
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['1 234,5', 1234.5],
    ['12,5', 12.5],
    ['1,234', 1234],
    ['-0.5', -0.5],
    ['3.', 3],
    ['12', 12],
    ['15%', 15],
    ['', null],
  ])('%s → %s', (text, value) => expect(parseNumber(text)).toBe(value));
  it.each(['abc', '1,23,4', '--1', '1e5', '1.2.3'])('%s is none', (text) => expect(parseNumber(text)).toBeUndefined());
});

describe('durations', () => {
  it.each([
    ['1h 30m', 5400],
    ['1:30', 5400],
    ['90', 5400],
    ['1.5h', 5400],
    ['2d', 172_800],
    ['1小时30分钟', 5400],
    ['45s', 45],
    ['', null],
  ])('%s → %s seconds', (text, value) => expect(parseDuration(text)).toBe(value));
  it.each(['soon', '1:75', 'h'])('%s is none', (text) => expect(parseDuration(text)).toBeUndefined());
  it.each([5400, 45, 90_061, 172_800])('%d seconds survive being written and read', (seconds) =>
    expect(parseDuration(formatDuration(seconds))).toBe(seconds),
  );
});

describe('links to follow', () => {
  it.each(['javascript:alert(1)', 'JAVASCRIPT:alert(1)', 'data:text/html,x', 'vbscript:x', ' javascript:alert(1)'])(
    'never follows %s',
    (url) => expect(contactHref('url', url)?.startsWith('http') ?? true).toBe(true),
  );
  it('adds https to a bare host', () => expect(contactHref('url', 'example.com')).toBe('https://example.com/'));
  it('keeps a mail address from becoming a header', () =>
    expect(contactHref('email', 'a@b.c?bcc=x@y.z')).toBe('mailto:a@b.c%3Fbcc%3Dx@y.z'));
  it('writes phones the international way', () => expect(contactText('phone', '+4930123456')).toBe('+49 30 123456'));
});

describe('what is written', () => {
  it.each([
    ['example.com', 'https://example.com'],
    [' www.example.com/a ', 'https://www.example.com/a'],
    ['http://example.com', 'http://example.com'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
  ])('writes the web address %s as %s', (text, value) => expect(written({ kind: 'url' }, text)).toBe(value));

  it('writes references as ids and labels', () => {
    expect(written({ kind: 'link' }, { id: 'a', title: 'A' })).toBe('a');
    expect(written({ kind: 'anyLink' }, { entity: 'x.y', id: 'a', title: 'A' })).toEqual({ entity: 'x.y', id: 'a' });
    expect(
      written({ kind: 'links' }, [
        { id: 'a', title: 'A', label: 'board' },
        { id: 'b', title: 'B', label: null },
      ]),
    ).toEqual([{ id: 'a', label: 'board' }, { id: 'b' }]);
  });
  it('leaves the empty parts of an address out, and writes an empty one as null', () => {
    expect(written({ kind: 'address' }, { street: 'Main 1', city: null, region: '' })).toEqual({ street: 'Main 1' });
    expect(written({ kind: 'address' }, { street: '', city: null })).toBeNull();
  });
  it('keeps false and zero', () => {
    expect([isEmpty(false), isEmpty(0), isEmpty(''), isEmpty([]), isEmpty({})]).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(written({ kind: 'boolean' }, false)).toBe(false);
  });
  it('adds what is new or relabelled and removes what is gone', () => {
    expect(linksChange([{ id: 'a' }, { id: 'b', label: 'x' }], [{ id: 'b', label: 'y' }, { id: 'c' }])).toEqual({
      add: [{ id: 'b', label: 'y' }, { id: 'c' }],
      remove: ['a'],
    });
  });
});

describe('small things', () => {
  it('reads references however they are written', () => {
    expect(heldLink('id')).toEqual({ id: 'id', title: null });
    expect(heldLink({ title: 'no id' })).toBeNull();
    expect(heldLinks([{ id: 'a', title: 'A' }, null, 'b']).map((one) => one.id)).toEqual(['a', 'b']);
  });
  it('writes an address the way of its country', () => {
    expect(
      addressLines({ street: '1 Main St', city: 'Austin', region: 'TX', postalCode: '78701', country: 'US' }, 'en'),
    ).toEqual(['1 Main St', 'Austin, TX 78701', 'United States']);
    expect(addressLines({ street: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' }, 'en')).toEqual([
      'Hauptstr. 1',
      '10115 Berlin',
      'Germany',
    ]);
    expect(mapHref({})).toBeNull();
  });
  it('offers a retired option only to a record that has it', () => {
    const field = {
      options: [
        { value: 'a', title: 'A' },
        { value: 'b', title: 'B', retired: true },
      ],
    } as CatalogField;
    expect(offeredOptions(field, null).map((option) => option.value)).toEqual(['a']);
    expect(offeredOptions(field, ['b', 'gone']).map((option) => option.value)).toEqual(['a', 'b', 'gone']);
  });
  it('splits tags at commas of both scripts', () =>
    expect(cleanTags(['a, b', 'c，a', '甲、乙', ' '])).toEqual(['a', 'b', 'c', '甲', '乙']));
  it('names every country in the language', () =>
    expect([countries('en').length > 240, countries('zh-CN').some((one) => one.name === '中国')]).toEqual([
      true,
      true,
    ]));
  it('shows the words of HTML only', () =>
    expect(plainText('<p>a &amp; b</p><p>c<br>d</p><script>x</script>')).toBe('a & b c d x'));
});
