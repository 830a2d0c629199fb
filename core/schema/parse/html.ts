/**
 * HTML reduced to a small allow-list and written anew: every tag that goes out is one of ours, spelled by us, balanced;
 * everything else is text with `<`, `>` and `&` escaped. Idempotent. No foreign content (svg, math), no raw-text element,
 * no style and no handler can come out, so a browser cannot read it differently than it was written.
 */
export function sanitizeHtml(html: string): string {
  const open: string[] = [];
  let out = '';
  let at = 0;
  while (at < html.length) {
    const lt = html.indexOf('<', at);
    if (lt < 0) break;
    out += escapeText(html.slice(at, lt));
    const skipped = skipNonElement(html, lt);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const tag = readTag(html, lt);
    if (!tag) {
      out += '&lt;';
      at = lt + 1;
      continue;
    }
    at = tag.end;
    if (raw.has(tag.name)) {
      if (!tag.closing) at = skipRaw(html, at, tag.name);
    } else if (tag.closing) out += closeTo(open, tag.name);
    else if (allowed.has(tag.name) && open.length < 100) {
      out += `<${tag.name}${attributes(tag.name, tag.attributes)}>`;
      if (!empty.has(tag.name)) open.push(tag.name);
    }
  }
  out += escapeText(html.slice(at));
  while (open.length > 0) out += `</${open.pop()}>`;
  return out;
}

const allowed = new Set(
  'p br hr b strong i em u s del sub sup code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 a span div table thead tbody tr th td mark'.split(
    ' ',
  ),
);
const empty = new Set(['br', 'hr']);
/** Elements whose content goes too. */
const raw = new Set(
  'script style iframe object embed noscript noembed noframes template textarea title xmp svg math select plaintext applet frameset'.split(
    ' ',
  ),
);
const kept: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title'],
  td: ['colspan', 'rowspan'],
  th: ['colspan', 'rowspan'],
  ol: ['start'],
  span: ['data-mention'],
};

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  readonly end: number;
}

/** End of a comment, doctype or processing instruction at `at`, or null. */
function skipNonElement(html: string, at: number): number | null {
  if (html.startsWith('<!--', at)) {
    const end = html.indexOf('-->', at + 4);
    return end < 0 ? html.length : end + 3;
  }
  if (html[at + 1] === '!' || html[at + 1] === '?') {
    const end = html.indexOf('>', at);
    return end < 0 ? html.length : end + 1;
  }
  return null;
}

function skipRaw(html: string, at: number, name: string): number {
  const close = new RegExp(`</${name}(?=[\\s/>])[^>]*>`, 'gi');
  close.lastIndex = at;
  const found = close.exec(html);
  return found ? found.index + found[0].length : html.length;
}

const tagStart = /<(\/?)([A-Za-z][A-Za-z0-9-]*)/y;
const attribute = /[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+)))?/y;
const tagEnd = /[\s/]*>/y;

function readTag(html: string, at: number): Tag | null {
  tagStart.lastIndex = at;
  const start = tagStart.exec(html);
  if (!start) return null;
  let end = tagStart.lastIndex;
  const found = new Map<string, string>();
  for (;;) {
    tagEnd.lastIndex = end;
    if (tagEnd.test(html))
      return { name: start[2].toLowerCase(), closing: start[1] === '/', attributes: found, end: tagEnd.lastIndex };
    attribute.lastIndex = end;
    const pair = attribute.exec(html);
    if (!pair || found.size > 50) return null;
    const name = pair[1].toLowerCase();
    if (!found.has(name)) found.set(name, pair[2] ?? pair[3] ?? pair[4] ?? '');
    end = attribute.lastIndex;
  }
}

function attributes(tag: string, given: ReadonlyMap<string, string>): string {
  let out = '';
  for (const name of kept[tag] ?? []) {
    const value = given.get(name);
    if (value === undefined) continue;
    const text = decode(value);
    if (name === 'href' && !isSafeHref(text)) continue;
    if ((name === 'colspan' || name === 'rowspan' || name === 'start') && !/^\d{1,4}$/.test(text)) continue;
    out += ` ${name}="${text.replace(/[&<>"]/g, (c) => entities[c])}"`;
    if (name === 'href') out += ' rel="noopener noreferrer nofollow" target="_blank"';
  }
  return out;
}

/** Only absolute http, https, mailto and tel, and paths of this site. */
function isSafeHref(href: string): boolean {
  // Browsers drop control characters and blanks inside a scheme, so they must not hide one from us.
  const bare = href.replace(/[\p{Cc}\p{Z}]/gu, '').toLowerCase();
  return /^(https?:\/\/|mailto:|tel:|\/(?![/\\])|#)/.test(bare);
}

function closeTo(open: string[], name: string): string {
  const at = open.lastIndexOf(name);
  if (at < 0) return '';
  let out = '';
  while (open.length > at) out += `</${open.pop()}>`;
  return out;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Well-formed entities stay as they are, so that sanitising twice changes nothing. */
function escapeText(text: string): string {
  return text
    .replace(/&(?!(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});)/gi, '&amp;')
    .replace(/[<>]/g, (c) => entities[c]);
}

function decode(value: string): string {
  return value.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp|colon|tab|newline|sol));?/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      const code = decimal ? Number(decimal) : hex ? parseInt(hex, 16) : null;
      if (code !== null)
        return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
      return named[(name ?? '').toLowerCase()] ?? whole;
    },
  );
}

const named: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  colon: ':',
  tab: '\t',
  newline: '\n',
  sol: '/',
};
