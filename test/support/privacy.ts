import type { TestApp } from './app.js';
import { expectOk, until, type Loose } from './client.js';

/** What the suites of personal data do again and again, as the administrator. */
export function privacyOf(app: () => TestApp) {
  const made = async (entity: string, values: object): Promise<string> =>
    String(expectOk(await app().admin.post(`/api/records/${entity}`, values), 201).body.data.id);
  const contact = (values: object = {}): Promise<string> =>
    made('contacts.contact', { firstName: 'Ann', lastName: 'Lee', ...values });
  const planned = async (ids: string[]): Promise<Loose> =>
    expectOk(await app().admin.post('/api/privacy/erasures', { entity: 'contacts.contact', ids, reason: 'asked' }), 201)
      .body.data;
  /** The request once it runs no more. */
  const settled = (id: unknown): Promise<Loose> =>
    until(
      async () => expectOk(await app().admin.get(`/api/privacy/requests/${String(id)}`)).body.data,
      ({ state }) => String(state) !== 'running',
    );
  const erased = async (ids: string[]): Promise<Loose> => {
    const { id } = await planned(ids);
    expectOk(await app().admin.post(`/api/privacy/requests/${String(id)}/run`), 202);
    return settled(id);
  };
  return { made, contact, planned, settled, erased };
}
