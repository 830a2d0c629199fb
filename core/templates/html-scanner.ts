/** Where in HTML a text stands. */
export interface HtmlPlace {
  readonly state: 'text' | 'tag' | 'value' | 'unquoted' | 'comment';
  /** The quote of the value that is open, or ''. */
  readonly quote: string;
  /** Name of the attribute whose value is open, in lower case, or ''. */
  readonly attribute: string;
  /** The value so far. */
  readonly value: string;
  /** Name of the tag and of an attribute as far as they are read. */
  readonly word: string;
}

export const htmlStart: HtmlPlace = { state: 'text', quote: '', attribute: '', value: '', word: '' };

/** Elements that run or load something, or change what the rest of the page means. */
const refusedElements = new Set(
  'script iframe frame frameset object embed applet base meta link style svg math template noscript plaintext xmp title textarea'.split(
    ' ',
  ),
);
export const urlAttributes: ReadonlySet<string> = new Set(
  'href src action formaction background cite poster longdesc data'.split(' '),
);
/** What an address may begin with. */
export const safeStart = /^\s*(https?:\/\/|mailto:|tel:|\/(?!\/)|#|\?)/i;

/** Goes on over a piece of HTML; `report` hears of what no template may hold. */
export function scanHtml(place: HtmlPlace, text: string, report: (code: string, message: string) => void): HtmlPlace {
  let { state, quote, attribute, value, word } = place;
  const element = (): void => {
    const name = /^<\/?([a-z][a-z0-9-]*)/i.exec(word)?.[1].toLowerCase();
    if (name !== undefined && refusedElements.has(name))
      report('template.refused_element', `<${name}> is not allowed in a template.`);
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (state === 'text') {
      if (c === '<' && text.startsWith('!--', i + 1)) state = 'comment';
      else if (c === '<' && /[a-z/!]/i.test(text[i + 1] ?? '')) [state, word] = ['tag', '<'];
    } else if (state === 'comment') {
      if (text.startsWith('-->', i)) [state, i] = ['text', i + 2];
    } else if (state === 'tag') {
      if (c === '>' || /\s/.test(c)) element();
      if (c === '>') [state, word] = ['text', ''];
      else if (c === '=') {
        attribute = word.trim().toLowerCase();
        if (attribute.startsWith('on') || ['srcdoc', 'srcset', 'xlink:href', 'ping'].includes(attribute))
          report(
            'template.refused_attribute',
            `The attribute "${attribute.slice(0, 30)}" is not allowed in a template.`,
          );
        const gap = /^\s*/.exec(text.slice(i + 1, i + 20))?.[0].length ?? 0;
        const next = text[i + 1 + gap];
        value = '';
        if (next === '"' || next === "'") [state, quote, i] = ['value', next, i + 1 + gap];
        else state = 'unquoted';
      } else if (/[\s/]/.test(c) && word !== '<') word = '';
      else word += c;
    } else if (state === 'value') {
      if (c !== quote) value += c;
      else {
        checkAddress(attribute, value, report);
        [state, quote, attribute, value, word] = ['tag', '', '', '', ''];
      }
    } else if (/[\s>]/.test(c)) {
      checkAddress(attribute, value, report);
      [state, attribute, value, word] = [c === '>' ? 'text' : 'tag', '', '', ''];
    } else value += c;
  }
  return { state, quote, attribute, value, word };
}

/** True where two places mean the same to what follows. */
export function isSamePlace(a: HtmlPlace, b: HtmlPlace): boolean {
  return a.state === b.state && a.quote === b.quote && a.attribute === b.attribute;
}

function checkAddress(attribute: string, value: string, report: (code: string, message: string) => void): void {
  // Browsers pass over control characters and spaces within a scheme.
  const plain = value
    .replace(/[\p{Cc}\s]/gu, '')
    .replaceAll('&colon;', ':')
    .replaceAll('&#58;', ':')
    .replaceAll('&#x3a;', ':');
  if (urlAttributes.has(attribute) && /^[/\\]{2}/.test(plain))
    report('template.refused_address', 'An address of another host must begin with https://.');
  if (urlAttributes.has(attribute) && plain.includes(':') && !/^(https?:|mailto:|tel:|cid:|[/#?])/i.test(plain))
    report('template.refused_address', `An address must begin with https://, mailto:, tel:, / or #.`);
}
