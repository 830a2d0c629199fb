import type { Json, RecordData } from '../sdk/index.js';

/** Records of one sort, with what their fields are called. */
export interface PageSection {
  readonly title: string;
  readonly titles: ReadonlyMap<string, string>;
  readonly records: readonly RecordData[];
}

/** Fields that say nothing to whom it is about. */
const technical: ReadonlySet<string> = new Set(['version', 'hash']);

/** A page that any browser shows, without scripts and without anything from elsewhere. */
export function readablePage(sections: readonly PageSection[], at: Date): string {
  const body = sections.map(
    ({ title, titles, records }) =>
      `<section><h2>${escaped(title)} (${records.length})</h2>${records.map((record) => tableOf(record, titles)).join('\n')}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Personal data</title>
<style>
body { margin: 2rem auto; max-width: 52rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color-scheme: light dark; }
table { width: 100%; border-collapse: collapse; margin-block: 0.5rem 1.5rem; }
th, td { text-align: start; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
th { width: 14rem; font-weight: 500; }
</style></head>
<body>
<h1>Personal data</h1>
<p>As of ${escaped(at.toISOString())}. The same, with its history, stands in the JSON files beside this page; uploaded files in the folder “files”.</p>
${body.join('\n')}
</body>
</html>
`;
}

function tableOf(record: RecordData, titles: ReadonlyMap<string, string>): string {
  const rows = Object.entries(record)
    .filter(([key, value]) => value !== null && value !== '' && !technical.has(key))
    .map(([key, value]) => `<tr><th>${escaped(titles.get(key) ?? key)}</th><td>${escaped(textOf(value))}</td></tr>`);
  return `<table>${rows.join('')}</table>`;
}

/** A link by its title, a list by its entries, anything else as it is written. */
function textOf(value: Json): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  if ('title' in value) return String(value.title ?? value.id);
  return Object.entries(value)
    .filter(([, part]) => part !== null && part !== '')
    .map(([key, part]) => `${key}: ${textOf(part)}`)
    .join(', ');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
