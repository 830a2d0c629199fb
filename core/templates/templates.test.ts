import { checkTemplate, renderTemplate, textOfHtml, type TemplateKind } from './index.js';
import type { Json } from '../sdk/index.js';

const render = (source: string, data: Record<string, Json> = {}, kind: TemplateKind = 'text', locale = 'en') =>
  renderTemplate({ source, data, kind, locale, zone: 'Asia/Shanghai' });
const codes = (source: unknown, kind: TemplateKind = 'text') => checkTemplate(source, kind).map(({ code }) => code);

describe('what a template shows', () => {
  const data = {
    name: 'Ann <b>',
    paid: true,
    none: null,
    zero: 0,
    items: [
      { name: 'Tea', price: '12.50' },
      { name: 'Cake', price: '3' },
    ],
    empty: [],
    company: { name: 'Acme', city: { name: 'Ulm' } },
    amount: '1234567890123456.78',
    day: '2026-03-01',
    at: '2026-02-28T20:30:00Z',
  };

  it.each<[string, string]>([
    ['Hello {{name}}', 'Hello Ann <b>'],
    ['{{company.city.name}} {{company.nothing.at.all}}|', 'Ulm |'],
    ['{{#if paid}}paid{{else}}open{{/if}}', 'paid'],
    ['{{#if zero}}a{{else if empty}}b{{else}}c{{/if}}', 'c'],
    ['{{#unless none}}nothing{{/unless}}', 'nothing'],
    ['{{#each items}}{{@index}}:{{name}}{{#unless @last}}, {{/unless}}{{/each}}', '0:Tea, 1:Cake'],
    ['{{#each items as |item i|}}{{i}}{{item.name}} of {{../company.name}} {{/each}}', '0Tea of Acme 1Cake of Acme '],
    ['{{#each empty}}x{{else}}none{{/each}}', 'none'],
    ['{{#each company}}{{@key}} {{/each}}', 'name city '],
    ['{{#with company}}{{name}} in {{city.name}} for {{../name}}{{/with}}', 'Acme in Ulm for Ann <b>'],
    ['{{items.[1].name}} {{items.length}}', 'Cake 2'],
    ['{{#if (and paid (gt items.length 1))}}many{{/if}}', 'many'],
    ['{{default none "nobody"}} {{upper company.name}} {{truncate name 4}}', 'nobody ACME Ann…'],
    ['{{number amount digits=2}}', '1,234,567,890,123,456.78'],
    ['{{money 12.5 "EUR"}}', '€12.50'],
    ['{{date day}}, {{date at style="short"}}', 'March 1, 2026, 3/1/26'],
    ['{{dateTime at}}', 'March 1, 2026 at 4:30 AM'],
    ['{{! said to nobody }}{{!-- {{name}} --}}x', 'x'],
    ['{{@root.company.name}} {{this.paid}}', 'Acme true'],
  ])('%s', (source, shown) => expect(render(source, data)).toBe(shown));

  it('speaks the language of the reader', () => {
    expect(render('{{dateTime at}} {{money 12.5 "CNY"}}', data, 'text', 'zh-CN')).toBe('2026年3月1日 04:30 ¥12.50');
  });

  it('escapes in HTML, and not in plain text', () => {
    const nasty = `<script>alert('x')</script>"&\``;
    expect(render('<p title="{{n}}">{{n}}</p>', { n: nasty }, 'html')).toBe(
      '<p title="&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;&#96;">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;&#96;</p>',
    );
    expect(render('{{n}}', { n: nasty })).toBe(nasty);
  });

  it.each([
    ['https://example.com/a?b=1&c=2', 'https://example.com/a?b=1&amp;c=2'],
    ['/records/x', '/records/x'],
    ['mailto:ann@example.com', 'mailto:ann@example.com'],
    ['javascript:alert(1)', '#'],
    [' JaVaScRiPt:alert(1)', '#'],
    ['data:text/html,<script>', '#'],
    ['//evil.example', '#'],
    ['vbscript:x', '#'],
  ])('takes the address %j as %j', (url, shown) =>
    expect(render('<a href="{{url}}">x</a>', { url }, 'html')).toBe(`<a href="${shown}">x</a>`),
  );
});

describe('an address of ours stays one (abuse case 60)', () => {
  it.each([
    ['/{{u}}', '/evil.example', '#'],
    ['/{{u}}', '\\evil.example', '#'],
    ['/{{u}}', '\t/evil.example', '#'],
    ['/{{no}}/{{u}}', 'evil.example', '#'],
    ['{{u}}', '/\\evil.example', '#'],
    ['/{{u}}', 'records//x', '/records//x'],
    ['/go?to={{u}}', '//evil.example', '/go?to=//evil.example'],
  ])('%s with %j is %j', (address, u, shown) =>
    expect(render(`<a href="${address}">x</a><img src='${address}'>`, { u }, 'html')).toBe(
      `<a href="${shown}">x</a><img src='${shown}'>`,
    ),
  );

  it.each(['//evil.example', '/\\evil.example', '/ /evil.example', '//{{u}}'])('%s cannot be written', (address) =>
    expect(codes(`<a href="${address}">x</a>`, 'html')).toContain('template.refused_address'),
  );
});

describe('what no template reaches (abuse case 35)', () => {
  it.each([
    '{{constructor}}',
    '{{name.constructor.name}}',
    '{{__proto__.x}}',
    '{{#with (lookup this "constructor")}}{{this}}{{/with}}',
    '{{#with "s" as |string|}}{{#with "e"}}{{#with split as |conslist|}}{{this.pop}}{{this.push (lookup string.sub "constructor")}}{{/with}}{{/with}}{{/with}}',
    '{{toString}}',
    '{{items.__defineGetter__}}',
    '{{lookup this "constructor"}}',
    '{{helperMissing}}',
    '{{#blockHelperMissing x}}{{/blockHelperMissing}}',
    '{{log "x"}}',
  ])('%s is refused', (source) => {
    expect(codes(source).length).toBeGreaterThan(0);
    expect(() => render(source, { name: 'x', items: [] })).toThrow(/cannot be used/);
  });

  it('own properties alone are values, whatever the data are called', () => {
    const data = JSON.parse('{"hasOwn": 1, "then": 2, "valueof": 3}') as Record<string, Json>;
    expect(render('{{hasOwn}}{{then}}{{valueof}}{{length}}{{map}}', data)).toBe('123');
    expect(render('{{text.length}}|{{list.map}}|{{list.filter}}', { text: 'abc', list: [1] })).toBe('||');
  });

  it.each<[string, string]>([
    ['{{{name}}}', 'template.unescaped'],
    ['{{&name}}', 'template.unescaped'],
    ['{{> partial}}', 'template.not_allowed'],
    ['{{#> layout}}x{{/layout}}', 'template.not_allowed'],
    ['{{* decorator}}', 'template.not_allowed'],
    ['{{#inline}}x{{/inline}}', 'template.unknown_block'],
    ['{{nosuch 1}}', 'template.unknown_helper'],
    ['{{upper}} {{upper 1 2}}', 'template.arguments'],
    ['{{@nosuch}}', 'template.unknown_name'],
    ['{{name', 'template.syntax'],
    ['{{#if a}}x', 'template.syntax'],
    ['{{#if a}}x{{/each}}', 'template.syntax'],
  ])('%s is %s', (source, code) => expect(codes(source)).toContain(code));

  it('a syntax tree is no template', () => {
    const tree = { type: 'Program', body: [{ type: 'MustacheStatement', path: { type: 'PathExpression' } }] };
    expect(codes(tree)).toEqual(['template.not_text']);
    expect(() =>
      renderTemplate({ source: tree as never, kind: 'text', data: {}, locale: 'en', zone: 'UTC' }),
    ).toThrow();
  });

  it.each<[string, string]>([
    ['<script>{{x}}</script>', 'template.refused_element'],
    ['<ScRiPt src=x>', 'template.refused_element'],
    ['<svg/onload=alert(1)>', 'template.refused_attribute'],
    ['<iframe srcdoc="x"></iframe>', 'template.refused_element'],
    ['<img src="x" onerror="{{x}}">', 'template.refused_attribute'],
    ['<a href="javascript:alert(1)">x</a>', 'template.refused_address'],
    ['<a href="java\tscript:alert(1)">x</a>', 'template.refused_address'],
    ['<a href="javascript&colon;{{x}}">x</a>', 'template.refused_address'],
    ['<a href="java{{x}}">x</a>', 'template.refused_address'],
    ['<a href={{x}}>x</a>', 'template.unquoted'],
    ['<p {{x}}>x</p>', 'template.unquoted'],
    ['<p style="color:{{x}}">x</p>', 'template.refused_attribute'],
    ['<a {{#if x}}href="{{else}}title="{{/if}}{{y}}">x</a>', 'template.unbalanced'],
    ['<p title="x', 'template.unbalanced'],
    ['<meta http-equiv="refresh">', 'template.refused_element'],
  ])('%s is %s in HTML', (source, code) => expect(codes(source, 'html')).toContain(code));
});

describe('bounds', () => {
  it('a template that would take for ever is refused before Handlebars sees it', () => {
    expect(codes('{{#if a}}'.repeat(5_000) + '{{/if}}'.repeat(5_000))).toEqual(['template.too_deep']);
    expect(codes('{{#if a}}'.repeat(50) + '{{/if}}'.repeat(50))).toEqual(['template.too_deep']);
    expect(codes('{{a}}'.repeat(3_000))).toEqual(['template.too_large']);
    expect(codes(`{{#if a}}${'{{else if a}}'.repeat(1_000)}{{/if}}`)).toEqual(['template.too_large']);
    expect(codes('x'.repeat(200_000))).toEqual(['template.too_large']);
    expect(codes(`{{not ${'(not '.repeat(100)}a${')'.repeat(100)}}}`)).toContain('template.too_deep');
  });

  it('a few characters that make millions end in a refusal', () => {
    const list = Array.from({ length: 100 }, (_, i) => i);
    const bomb = '{{#each list}}{{#each ../list}}{{#each ../../list}}{{@root.text}}{{/each}}{{/each}}{{/each}}';
    expect(() => render(bomb, { list, text: 'x'.repeat(1_000) })).toThrow(/too much/);
    expect(() =>
      render(
        '{{#each list}}{{#each ../list}}{{#each ../../list}}{{#each ../../../list}}{{/each}}{{/each}}{{/each}}{{/each}}',
        { list },
      ),
    ).toThrow(/too much/);
    expect(() => render('{{text}}{{text}}', { text: 'x'.repeat(300_000) })).toThrow(/too much/);
  });
});

describe('the plain text of HTML', () => {
  it.each([
    ['<p>Hello Ann,</p>\n<p>Come <b>in</b>.<br>Now</p>', 'Hello Ann,\n\nCome in.\nNow'],
    ['<p><a href="https://a.example/?x=1&amp;y=2">Open</a></p>', 'Open (https://a.example/?x=1&y=2)'],
    ['<a href="https://a.example">https://a.example</a>', 'https://a.example'],
    ['<ul><li>One</li><li>Two</li></ul>', '- One\n- Two'],
    ['a<!-- <p>no</p> -->b &lt;c&gt; &#x4e2d;', 'ab <c> 中'],
  ])('%s', (html, text) => expect(textOfHtml(html)).toBe(text));
});
