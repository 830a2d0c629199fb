/** `yes`, `no`, `是`, `否`, `1`, `off` … → boolean; null where it is neither. */
export function parseBoolean(text: string): boolean | null {
  const word = text.normalize('NFKC').trim().toLowerCase();
  if (yes.has(word)) return true;
  return no.has(word) ? false : null;
}

/**
 * Parts of a list cell: split at `;` (or line ends), or where there is none at commas. A part in double quotes keeps its separators.
 * Empty parts are left out.
 */
export function parseList(text: string): string[] {
  const separators = hasOutsideQuotes(text, strong) ? strong : weak;
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    while (at < text.length && /\s/.test(text[at]) && !separators.test(text[at])) at++;
    if (text[at] === '"') {
      const [part, next] = quoted(text, at);
      parts.push(part);
      at = next;
      while (at < text.length && !separators.test(text[at])) at++;
    } else {
      let end = at;
      while (end < text.length && !separators.test(text[end])) end++;
      parts.push(text.slice(at, end).trim());
      at = end;
    }
    at++;
  }
  return parts.filter((part) => part !== '');
}

/** The cell that `parseList` reads back. */
export function formatList(parts: readonly string[]): string {
  return parts
    .map((part) => (/[";；,，、\r\n]/.test(part) || part !== part.trim() ? `"${part.replaceAll('"', '""')}"` : part))
    .join('; ');
}

const yes = new Set('true t yes y 1 on x ✓ ✔ ☑ wahr ja oui 是 对 對 真 有 开 開 开启 启用 √'.split(' '));
const no = new Set('false f no n 0 off ✗ ✘ ☐ falsch nein non 否 不 错 錯 假 无 無 关 關 关闭 停用 ×'.split(' '));
const strong = /[;；\r\n]/;
const weak = /[,，、]/;

function hasOutsideQuotes(text: string, separators: RegExp): boolean {
  return separators.test(text.replace(/"(?:[^"]|"")*"/g, ''));
}

function quoted(text: string, start: number): [string, number] {
  let part = '';
  let at = start + 1;
  while (at < text.length) {
    if (text[at] === '"' && text[at + 1] === '"') {
      part += '"';
      at += 2;
    } else if (text[at] === '"') return [part, at + 1];
    else part += text[at++];
  }
  return [part, at];
}
