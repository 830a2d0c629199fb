/** `United States`, `USA`, `美国`, `us` → `US`; null where no country is meant. */
export function parseCountry(text: string): string | null {
  const word = text.trim();
  if (/^[A-Za-z]{2}$/.test(word)) {
    const code = word.toUpperCase();
    if (code === 'UK') return 'GB';
    if (isCountry(code)) return code;
  }
  return byName().get(fold(word)) ?? null;
}

/** True for an assigned ISO 3166-1 alpha-2 code. */
export function isCountry(code: string): boolean {
  return names().codes.has(code);
}

interface Names {
  readonly codes: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, string>;
}

let cached: Names | null = null;

function byName(): ReadonlyMap<string, string> {
  return names().byName;
}

/** Built on first use from the names that Intl knows in English and Chinese. */
function names(): Names {
  if (cached) return cached;
  const found = new Map<string, string>();
  const codes = new Set<string>();
  const tables = ['en', 'zh-Hans', 'zh-Hant'].map(
    (locale) => new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' }),
  );
  for (let a = 65; a <= 90; a++) {
    for (let b = 65; b <= 90; b++) {
      const code = String.fromCharCode(a, b);
      if (notCountries.has(code)) continue;
      for (const table of tables) {
        const name = table.of(code);
        if (name === undefined) continue;
        codes.add(code);
        found.set(fold(name), code);
      }
    }
  }
  for (const [name, code] of aliases) found.set(fold(name), code);
  cached = { codes, byName: found };
  return cached;
}

function fold(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f.'’()\s-]/g, '')
    .replace(/&/g, 'and')
    .toLowerCase();
}

/** Codes that Intl names without being countries of ISO 3166-1: unions, pseudo and retired ones. */
const notCountries = new Set(
  'EU EZ UN QO ZZ XA XB AN BU CS DD FX NT SU TP YD YU ZR DY HV NH RH VD AC CP CQ DG EA IC TA UK'.split(' '),
);

const aliases: readonly (readonly [string, string])[] = [
  ['USA', 'US'],
  ['U.S.', 'US'],
  ['United States of America', 'US'],
  ['America', 'US'],
  ['UK', 'GB'],
  ['Great Britain', 'GB'],
  ['England', 'GB'],
  ['Scotland', 'GB'],
  ['Wales', 'GB'],
  ['Northern Ireland', 'GB'],
  ['Holland', 'NL'],
  ['The Netherlands', 'NL'],
  ['Korea', 'KR'],
  ['Republic of Korea', 'KR'],
  ['Russian Federation', 'RU'],
  ['PRC', 'CN'],
  ["People's Republic of China", 'CN'],
  ['中国大陆', 'CN'],
  ['中华人民共和国', 'CN'],
  ['Mainland China', 'CN'],
  ['香港', 'HK'],
  ['Hong Kong', 'HK'],
  ['澳门', 'MO'],
  ['Macau', 'MO'],
  ['Macao', 'MO'],
  ['Viet Nam', 'VN'],
  ['Czech Republic', 'CZ'],
  ['Turkey', 'TR'],
  ['Deutschland', 'DE'],
  ['UAE', 'AE'],
  ['臺灣', 'TW'],
];
