/** What a tag is in a plain text; others are nothing. */
const marks: Readonly<Record<string, string>> = {
  '<br': '\n',
  '<hr': '\n',
  '<li': '\n- ',
  '</p': '\n\n',
  '</div': '\n\n',
  '</h1': '\n\n',
  '</h2': '\n\n',
  '</h3': '\n\n',
  '</ul': '\n\n',
  '</ol': '\n\n',
  '</table': '\n\n',
  '</tr': '\n',
  '</td': ' ',
  '</th': ' ',
};

/** The plain-text half of a mail whose template has none: addresses of links stand behind their words. One pass, linear. */
export function textOfHtml(html: string): string {
  let address = '';
  const text = html
    .split('<!--')
    .map((part, i) => (i === 0 ? part : part.includes('-->') ? part.slice(part.indexOf('-->') + 3) : ''))
    .join('')
    .replace(/[\t\n\r ]+/g, ' ')
    .replace(/<(\/?[a-z][a-z0-9]*)([^<>]*)>/gi, (_tag, name: string, attributes: string) => {
      const tag = `<${name.toLowerCase()}`;
      if (tag === '<a') {
        const found = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes);
        address = found?.[1] ?? found?.[2] ?? '';
      }
      if (tag !== '</a') return marks[tag] ?? '';
      const shown = address === '' ? '' : ` (${address})`;
      address = '';
      return shown;
    });
  return decode(text)
    .replace(/ *\n */g, '\n')
    .replace(/(\S+) \(\1\)/g, '$1')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? parseInt(String(hex), 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
