import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CONTEXTS } from '../../core/base/tokens.js';
import { PRIVACY, type Privacy } from '../../core/privacy/index.js';
import type { ContextFactory, Ctx } from '../../core/sdk/index.js';
import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { expectOk, until } from '../support/client.js';
import { settledPerson } from '../support/people.js';
import { privacyOf } from '../support/privacy.js';
import { unzipped } from '../support/unzip.js';
import { filesWith, tablesWith } from '../support/whole-search.js';

const mark = 'Zyxwandt';
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ plugins: [resolve('test/fixtures/ledger')] });
});
afterAll(() => app?.stop());

const ctxOf = (): Ctx => app.app.get<ContextFactory>(CONTEXTS).system('a test');
const { made, contact, settled, erased } = privacyOf(() => app);

describe('a user', () => {
  const asked = (id: string, path = 'erasures') => {
    const who = path === 'erasures' ? { ids: [id] } : { id };
    return app.admin.post(`/api/privacy/${path}`, { entity: 'core.user', ...who, reason: 'left' });
  };

  it('is anonymised: what it did stays, how it signs in goes, and nothing tells who it was', async () => {
    const user = await settledPerson(app);
    expectOk(await app.admin.patch(`/api/records/core.user/${user.id}`, { name: `${mark}user`, title: 'Baker' }));
    const company = expectOk(await user.client.post('/api/records/contacts.company', { name: 'Owned' }), 201).body.data;
    expectOk(await user.client.post('/api/api-keys', { name: `${mark} script` }), 201);
    expect((await user.client.get('/api/session')).status).toBe(200);

    const archive = expectOk(await asked(user.id, 'exports'), 202).body.data;
    await settled(archive.id);
    const files = unzipped(await app.admin.bytes(`/api/privacy/requests/${String(archive.id)}/file`));
    expect(files.get('records/core.user.json')).toContain(`${mark}user`);
    expect(files.get('signIn.json')).toContain(`${mark} script`);
    expect(files.get('signIn.json')).not.toMatch(/hash/i);
    expect(files.get('audit.json')).toContain('session.started');

    const { id, plan } = expectOk(await asked(user.id), 201).body.data;
    expect(plan.entities.map(({ entity, rule }) => [String(entity), String(rule)]).sort()).toEqual([
      ['core.principal', 'anonymise'],
      ['core.user', 'anonymise'],
    ]);
    expect(plan.traces.map(({ place }) => String(place))).toEqual(expect.arrayContaining(['signIn', 'audit']));
    expectOk(await app.admin.post(`/api/privacy/requests/${String(id)}/run`), 202);
    expect(String((await settled(id)).state)).toBe('done');

    for (const word of [`${mark}user`, user.email, `${mark} script`]) {
      expect([word, await tablesWith(app.db, word)]).toEqual([word, []]);
      expect(await filesWith(app.dataDir, word)).toEqual([]);
    }
    expect((await user.client.get('/api/session')).status).toBe(401);
    const again = await app.anonymous.post('/api/session', { email: user.email, password: user.password });
    expect(again.status).toBe(401);
    const left = expectOk(await app.admin.get(`/api/records/core.user/${user.id}`)).body.data;
    expect(left).toMatchObject({ name: '—', email: null, active: false });
    const owned = expectOk(await app.admin.get(`/api/records/contacts.company/${String(company.id)}`)).body.data;
    expect(owned).toMatchObject({ ownerId: { id: user.id, title: '—' } });
    expect(left.title).toBeNull();
  });

  it('is never oneself, nor the last administrator, and is not restricted', async () => {
    const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
    const self = String((await client.get('/api/session')).body.data.user.id);
    const given = { entity: 'core.user', ids: [self], reason: 'x' };
    expect((await client.post('/api/privacy/erasures', given)).body.code).toBe('privacy.self');
    const second = await settledPerson(app, ['core.administrator']);
    const { id } = expectOk(await second.client.post('/api/privacy/erasures', given), 201).body.data;
    expect((await client.post(`/api/privacy/requests/${String(id)}/run`)).body.code).toBe('privacy.self');
    expectOk(await client.patch(`/api/users/${second.id}`, { roles: ['core.member'] }));
    const system = ctxOf();
    const privacy = app.app.get<Privacy>(PRIVACY);
    await expect(privacy.planErasure(system, given)).rejects.toMatchObject({ code: 'user.last_administrator' });
    // Planned while there were two, run when there is one: it fails, and the person is as it was.
    await privacy.runErasure(system, String(id));
    const failed = await until(
      async () => expectOk(await client.get(`/api/privacy/requests/${String(id)}`)).body.data,
      ({ state }) => String(state) !== 'running',
    );
    expect(String(failed.state)).toBe('failed');
    expect(String(failed.error)).toContain('last active administrator');
    expect((await client.get('/api/session')).status).toBe(200);
    const restricted = { kind: 'restriction', entity: 'core.user', id: second.id, reason: 'x' };
    expect((await client.post('/api/privacy/marks', restricted)).body.code).toBe('privacy.not_restrictable');
    // Colleagues read who a colleague is, and not that there is a case about it.
    const held = expectOk(await client.post('/api/privacy/marks', { ...restricted, kind: 'hold' }), 201).body.data;
    const path = `/api/privacy/subjects/core.user/${String(second.id)}`;
    expect((await client.get(path)).body.data).toEqual({ restricted: false, held: true });
    expect((await (await app.member()).get(path)).body.data).toEqual({ restricted: false, held: false });
    expectOk(await client.delete(`/api/privacy/marks/${String(held.id)}`), 204);
  });
});

describe('what ends by itself', () => {
  const nightly = async () => {
    const ctx = ctxOf();
    await ctx.jobs.enqueue(ctx, 'core.apply-retention', null);
  };

  it('is anonymised once the days for which it had to be kept are over, and not before', async () => {
    const id = await contact({ lastName: 'Frist' });
    const [old, young] = [
      await made('ledger.invoice', { number: 'R-old', customer: id, note: 'to Mrs Frist' }),
      await made('ledger.invoice', { number: 'R-young', customer: id, note: 'to Mrs Frist' }),
    ];
    const aged = 'update data.ledger__invoice set created_at = now() - make_interval(days => $2) where id = $1';
    await app.db.query(aged, [old, 3651]);
    await app.db.query(aged, [young, 3649]);
    await erased([id]);
    const noteOf = async (invoice: string): Promise<unknown> =>
      expectOk(await app.admin.get(`/api/records/ledger.invoice/${invoice}`)).body.data.note;
    expect([await noteOf(old), await noteOf(young)]).toEqual(['to Mrs Frist', 'to Mrs Frist']);
    await nightly();
    await until(
      () => noteOf(old),
      (note) => note === null,
    );
    expect(await noteOf(young)).toBe('to Mrs Frist');
    const kept = await app.db.query('select entity from trellis.privacy_kept where record_id = any($1)', [
      [old, young],
    ]);
    expect(kept).toEqual([{ entity: 'ledger.invoice' }]);
  });

  it('is an archive after a week: the file goes, and nobody fetches it', async () => {
    const id = await contact({ lastName: 'Archiv' });
    const { id: request } = expectOk(
      await app.admin.post('/api/privacy/exports', { entity: 'contacts.contact', id, reason: 'asked' }),
      202,
    ).body.data;
    const { expiresAt, finishedAt } = await settled(request);
    expect(Date.parse(String(expiresAt)) - Date.parse(String(finishedAt))).toBe(7 * 86_400_000);
    const file = join(app.dataDir, 'privacy', `${String(request)}.zip`);
    expect((await stat(file)).size).toBeGreaterThan(0);
    const path = `/api/privacy/requests/${String(request)}`;
    await app.db.query('update trellis.privacy_request set expires_at = now() where id = $1', [String(request)]);
    // Even before the night comes.
    expect((await app.admin.get(`${path}/file`)).body.code).toBe('privacy.request_not_found');
    await nightly();
    await until(
      async () => String((await app.admin.get(path)).body.data.state),
      (state) => state === 'expired',
    );
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
