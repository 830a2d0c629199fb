const maxBytes = 200;

/**
 * A name that is safe to show, store and save under: no path, no control or direction-changing characters, none of the
 * characters that a file system refuses, at most 200 bytes with the extension kept. Never empty.
 */
export function safeFileName(name: string): string {
  const base = name.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = base
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  return clean === '' ? 'file' : shorten(clean);
}

/** A media type as stored: `type/subtype` without parameters; anything else is `application/octet-stream`. */
export function safeMediaType(text: string | undefined): string {
  const bare = (text ?? '').split(';')[0].trim().toLowerCase();
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/.test(bare)
    ? bare
    : 'application/octet-stream';
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  let stem = '';
  let size = extension.length;
  for (const character of name.slice(0, name.length - extension.length)) {
    size += Buffer.byteLength(character);
    if (size > maxBytes) break;
    stem += character;
  }
  return stem + extension;
}
