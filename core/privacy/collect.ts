import type { Ctx, Json, RecordData, SubjectRef } from '../sdk/index.js';
import { inSystem, type PrivacyDeps } from './deps.js';
import { entityOf, reachOf, type Reach } from './plan.js';
import { readablePage, type PageSection } from './readable-page.js';
import type { ZipEntry } from './zip.js';

/** Everything that is known of a person, file by file: records with their history, traces, uploaded files, and a page to read it by. */
export async function* collectSubject(deps: PrivacyDeps, ctx: Ctx, subject: SubjectRef): AsyncGenerator<ZipEntry> {
  const system = ctx.asSystem('export personal data');
  const reach = await inSystem(deps, ctx, 'export personal data', (inside) =>
    reachOf(deps, inside, { entity: subject.entity, ids: [subject.id] }),
  );
  const sections: PageSection[] = [];
  for (const [id, ids] of reach.belongings) {
    if (ids.size === 0) continue;
    const entity = entityOf(deps, id);
    const records = await recordsOf(system, id, [...ids]);
    const titles = new Map([...entity.fields.values()].map((field) => [field.key, field.title]));
    sections.push({ title: entity.titlePlural, titles, records });
    const withHistory: Json[] = [];
    for (const record of records)
      withHistory.push({ record, history: await historyOf(deps, system, id, String(record.id)) });
    yield jsonEntry(`records/${id}.json`, withHistory);
    if (id === 'core.attachment') yield* filesOf(deps, system, records);
  }
  for (const { place, readText } of deps.traces) {
    if (readText === null) continue;
    const rows = await tracesOf(deps, readText, reach);
    if (rows.length === 0) continue;
    sections.push({ title: place, titles: new Map(), records: rows });
    yield jsonEntry(`${place}.json`, rows);
  }
  yield { name: 'index.html', body: Buffer.from(readablePage(sections, ctx.now()), 'utf8') };
}

function jsonEntry(name: string, value: Json): ZipEntry {
  return { name, body: Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8') };
}

/** The recycle bin too. */
async function recordsOf(system: Ctx, entity: string, ids: readonly string[]): Promise<RecordData[]> {
  const records: RecordData[] = [];
  for (let i = 0; i < ids.length; i += 200) {
    const filter = `id in [${ids
      .slice(i, i + 200)
      .map((id) => JSON.stringify(id))
      .join(', ')}]`;
    for (const deleted of ['exclude', 'only'] as const)
      records.push(...(await system.records.list(system, { entity, filter, deleted, limit: 200 })).data);
  }
  return records;
}

async function historyOf(deps: PrivacyDeps, system: Ctx, entity: string, id: string): Promise<Json[]> {
  const entries: Json[] = [];
  let after: string | undefined;
  do {
    const { body } = await deps.records.historyText(system, { entity, id, limit: 500, after });
    const { data, page } = JSON.parse(body) as { data: Json[]; page: { next: string | null } };
    entries.push(...data);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return entries;
}

async function tracesOf(deps: PrivacyDeps, text: string, { belongings, patterns }: Reach): Promise<RecordData[]> {
  const ids = [...belongings.values()].flatMap((each) => [...each]);
  const rows = await deps.database.query<{ data: RecordData }>({ text, values: [ids, patterns], replan: true });
  return rows.map(({ data }) => data);
}

async function* filesOf(deps: PrivacyDeps, system: Ctx, records: readonly RecordData[]): AsyncGenerator<ZipEntry> {
  for (const record of records.filter(({ deletedAt }) => deletedAt === null || deletedAt === undefined)) {
    const id = String(record.id);
    const file = await deps.files.open(system, { id }).catch(() => null);
    if (file === null) continue;
    const pieces: Buffer[] = [];
    for await (const piece of await file.stream()) pieces.push(piece as Buffer);
    yield { name: `files/${id}/${file.name}`, body: Buffer.concat(pieces) };
  }
}
