import { expectOk, type Client, type Loose, until, type Upload } from './client.js';

/** Uploads a file, runs it to its end, and answers its last state. */
export async function runImport(
  client: Client,
  input: { entity: string; content: Upload['content']; fileName?: string; options?: object; start?: object },
): Promise<Loose> {
  const created = await createImport(client, input);
  expectOk(await client.post(`/api/imports/${String(created.id)}/start`, input.start ?? {}), 202);
  return finished(client, String(created.id));
}

/** Uploads a file: the import as it is before it starts. */
export async function createImport(
  client: Client,
  input: { entity: string; content: Upload['content']; fileName?: string; options?: object },
): Promise<Loose> {
  const fields = { entity: input.entity, ...(input.options ? { options: JSON.stringify(input.options) } : {}) };
  return expectOk(
    await client.upload('/api/imports', { content: input.content, fileName: input.fileName ?? 'file.csv', fields }),
    201,
  ).body.data;
}

/** Waits until an import runs no more. */
export async function finished(client: Client, id: string, timeoutMs = 240_000): Promise<Loose> {
  const answer = await until(
    () => client.get(`/api/imports/${id}`),
    ({ body }) => !['running', 'undoing'].includes(String(body.data.status)),
    timeoutMs,
  );
  return answer.body.data;
}

/** Takes an import back, to its end. */
export async function undoImport(client: Client, id: string): Promise<Loose> {
  expectOk(await client.post(`/api/imports/${id}/undo`), 202);
  return finished(client, id);
}

/** All records of an entity, page by page, oldest first. */
export async function listAll(client: Client, entity: string, query = ''): Promise<Loose[]> {
  const all: Loose[] = [];
  for (let after = ''; ;) {
    const page = expectOk(
      await client.get(
        `/api/records/${entity}?limit=500&sort=createdAt${query}${after && `&after=${encodeURIComponent(after)}`}`,
      ),
      200,
    ).body;
    all.push(...page.data);
    if (!page.page.next) return all;
    after = String(page.page.next);
  }
}
