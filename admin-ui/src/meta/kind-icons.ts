// prettier-ignore
const icons: Record<string, string> = {
  longText: 'file-text', richText: 'file-text', choice: 'circle-check', multiChoice: 'list-checks', boolean: 'check-square', integer: 'hash', decimal: 'hash', money: 'banknote', percent: 'hash',
  date: 'calendar', dateTime: 'clock', duration: 'clock', email: 'at-sign', phone: 'phone', url: 'link', address: 'map-pin', geo: 'map', color: 'circle', rating: 'star', tags: 'tags',
  json: 'database', autoNumber: 'hash', file: 'paperclip', link: 'link', links: 'link', anyLink: 'link', user: 'user',
  formula: 'sigma', rollup: 'sigma', lines: 'rows-3', secret: 'key',
};

/** A small picture of what a field holds; text where nothing fits better. */
export function kindIcon(kind: string): string {
  return icons[kind] ?? 'file';
}
