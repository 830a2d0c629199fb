import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.stop());

const teams = '/api/records/core.team';
const json = { 'content-type': 'application/json' };
const rawJson = (body: string | Uint8Array, path = teams): Promise<Answer> => app.admin.send('POST', path, body, json);

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: String(answer.body.code), type: answer.headers.get('content-type') }).toEqual({
    status,
    code,
    type: 'application/problem+json; charset=utf-8',
  });
}

describe('JSON', () => {
  test.each([
    '{',
    '[1,]',
    '{"name":}',
    "{'name':'x'}",
    '{"name":"x",}',
    'NaN',
    '{"a":1e999}',
    '{"a":-1e999}',
    '{"name":"a","name":"b"}',
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{}}}',
    '\u0000',
    '"\\x"',
    '{"a":01}',
    '[[[[',
  ])('malformed %j is 400', async (body) => expectProblem(await rawJson(body), 400, 'request.malformed'));

  test('bytes that are not UTF-8 are 400', async () => {
    expectProblem(await rawJson(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400, 'request.malformed');
  });

  test('a byte order mark is taken', async () => {
    expect((await rawJson('\ufeff{"name":"With a mark"}')).status).toBe(201);
  });

  test('100,000 levels, 100,000 keys: 400', async () => {
    expectProblem(await rawJson('['.repeat(100_000) + ']'.repeat(100_000)), 400, 'request.malformed');
    expectProblem(await rawJson(`{"name":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`), 400, 'request.malformed');
    const keys = Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join(',');
    expectProblem(await rawJson(`{${keys}}`), 400, 'request.malformed');
  });

  test('10 MB is 413, with and without a declared length', async () => {
    const body = `{"name":"${'x'.repeat(10_000_000)}"}`;
    expectProblem(await rawJson(body), 413, 'request.too_large');
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const answer = await fetch(`${app.url}${teams}`, {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { ...json, authorization: await bearer() },
    } as RequestInit & { duplex: 'half' }).catch(() => null);
    if (answer !== null) expect(answer.status).toBe(413);
  });

  test('NUL and half surrogates are named, not stored', async () => {
    expectProblem(await rawJson('{"name":"a\\u0000b"}'), 422, 'request.text');
    expectProblem(await rawJson('{"name":"\\ud800"}'), 422, 'request.text');
  });

  test('a body that is no object, and none at all', async () => {
    for (const body of ['[]', '1', '"x"', 'null']) expectProblem(await rawJson(body), 422, 'request.body');
    expectProblem(await app.admin.send('POST', teams), 422, 'request.body');
  });

  test('strange but valid text comes back byte for byte', async () => {
    for (const name of [
      '\u202Ertl',
      'é vs e\u0301',
      '👩‍👩‍👧',
      '<script>alert(1)</script>',
      "'; drop table x; --",
      '${7*7}{{7*7}}',
      '\u200b zero',
      'ﷺ',
    ]) {
      const made = await app.admin.post(teams, { name });
      expect(made.status).toBe(201);
      expect((await app.admin.get(`${teams}/${String(made.body.data.id)}?fields=name`)).body.data).toMatchObject({
        name,
      });
    }
  });
});

describe('types, methods, addresses', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/x-ndjson',
    'application/xml',
    'x',
  ])('content type %s is refused', async (type) => {
    expectProblem(
      await app.admin.send('POST', teams, '{"name":"x"}', { 'content-type': type }),
      415,
      'request.media_type',
    );
  });

  test('a compressed body is refused by name', async () => {
    expectProblem(
      await app.admin.send('POST', teams, '{"name":"x"}', { ...json, 'content-encoding': 'gzip' }),
      415,
      'request.media_type',
    );
  });

  test('another method is 405 and says which are served', async () => {
    const answer = await app.admin.send('PUT', teams, '{}', json);
    expectProblem(answer, 405, 'request.method');
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    expectProblem(await app.admin.send('OPTIONS', teams), 405, 'request.method');
  });

  test('an unknown address is a problem, for everybody the same', async () => {
    for (const client of [app.admin, app.anonymous])
      expectProblem(await client.get('/api/nothing'), 404, 'route.not_found');
    expectProblem(await app.admin.get('/api/%zz'), 400, 'request.malformed');
    expectProblem(await app.admin.get(`/api/records/${'x'.repeat(500)}`), 404, 'route.not_found');
  });

  test('unknown and repeated parameters and keys are named', async () => {
    const unknown = await app.admin.get(`${teams}?fliter=1`);
    expectProblem(unknown, 422, 'request.unknown_parameter');
    expect(String(unknown.body.detail)).toContain('Did you mean "filter"?');
    expectProblem(await app.admin.get(`${teams}?limit=1&limit=2`), 422, 'request.repeated_parameter');
    expectProblem(await app.admin.get('/api/health?x=1'), 422, 'request.unknown_parameter');
    expectProblem(await app.admin.get(`${teams}?limit=501`), 422, 'request.parameter');
    expectProblem(await app.admin.get(`${teams}?limit=%00`), 400, 'request.malformed');
    expectProblem(await app.admin.post(`${teams}/query`, { fliter: 'x' }), 422, 'request.unknown_key');
    expectProblem(
      await app.admin.post('/api/session', { email: 'a', password: 'b', admin: true }),
      422,
      'request.unknown_key',
    );
  });

  test('ids that are none are not found', async () => {
    for (const id of ['1', 'x', '../core.user', '00000000-0000-0000-0000-000000000000', "' or 1=1", '%00']) {
      expect([400, 404]).toContain((await app.admin.get(`${teams}/${encodeURIComponent(id)}`)).status);
    }
  });
});

describe('the edge', () => {
  test('every answer carries the security headers, refusals too', async () => {
    for (const path of ['/api/health', '/api/nothing', teams, '/api/%zz', '/api/docs']) {
      const { headers } = await app.anonymous.get(path);
      const policy = String(headers.get('content-security-policy'));
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('another origin is never allowed in', async () => {
    const answer = await app.admin.send('OPTIONS', teams, undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(
      (await app.admin.get(teams, { origin: 'https://evil.example' })).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  test('a change by cookie from another origin is refused on every route', async () => {
    const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
    const evil = { origin: 'https://evil.example' };
    const tries = [
      client.post(teams, { name: 'x' }, evil),
      client.delete('/api/session', evil),
      client.post('/api/api-keys', { name: 'x' }, evil),
      client.post('/api/backups', undefined, evil),
      app.anonymous.post('/api/session', ADMIN, evil),
    ];
    for (const answer of await Promise.all(tries)) expectProblem(answer, 403, 'request.cross_origin');
    expect((await client.post(teams, { name: 'Same origin' }, { origin: app.url })).status).toBe(201);
  });

  test('the request id comes back where it is sane', async () => {
    expect(
      (await app.anonymous.get('/api/health', { 'x-request-id': 'my-request-1' })).headers.get('x-request-id'),
    ).toBe('my-request-1');
    const answer = await app.anonymous.get('/api/health', { 'x-request-id': 'a"b<c>' });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('metrics are for this machine, and not through a proxy', async () => {
    expect((await app.anonymous.get('/metrics')).text).toContain('trellis_http_request_seconds');
    expectProblem(await app.anonymous.get('/metrics', { 'x-forwarded-for': '203.0.113.1' }), 404, 'route.not_found');
  });

  test('without a sign-in everything is 401, whatever the address or body', async () => {
    for (const [method, path] of [
      ['GET', teams],
      ['POST', teams],
      ['GET', `${teams}/x`],
      ['GET', '/api/records/no.such'],
      ['GET', '/api/catalog'],
      ['GET', '/api/events'],
      ['GET', '/api/files/x'],
      ['POST', '/api/files'],
      ['GET', '/api/jobs'],
      ['GET', '/api/openapi.json'],
    ] as const) {
      expectProblem(
        await app.anonymous.send(method, path, method === 'POST' ? '{' : undefined, method === 'POST' ? json : {}),
        401,
        'auth.required',
      );
    }
    for (const authorization of ['Bearer x', 'Bearer trl_x', 'Basic YTpi', 'Bearer', `Bearer ${'x'.repeat(5000)}`])
      expectProblem(await app.anonymous.get(teams, { authorization }), 401, 'auth.required');
  });
});

describe('lost updates and double submits', () => {
  async function newTeam(client: Client = app.admin): Promise<{ path: string; etag: string }> {
    const made = await client.post(teams, { name: `Team ${Math.random()}` });
    return { path: `${teams}/${String(made.body.data.id)}`, etag: String(made.headers.get('etag')) };
  }

  test('the second of two changes from the same version is 412 and loses nothing', async () => {
    const { path, etag } = await newTeam();
    const first = await app.admin.patch(path, { description: 'first' }, { 'if-match': etag });
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    expectProblem(await app.admin.patch(path, { description: 'second' }, { 'if-match': etag }), 412, 'record.stale');
    expectProblem(await app.admin.delete(path, { 'if-match': etag }), 412, 'record.stale');
    expect((await app.admin.get(path)).body.data).toMatchObject({ description: 'first' });
    expectProblem(await app.admin.patch(path, { description: 'x' }, { 'if-match': 'abc' }), 422, 'request.if_match');
  });

  test('a repeat with the same key counts once, another body is refused, another actor is another', async () => {
    const name = `Once ${Math.random()}`;
    const key = { 'idempotency-key': `key-${Math.random()}` };
    const first = await app.admin.post(teams, { name }, key);
    const again = await app.admin.post(teams, { name }, key);
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
    expect(String(again.body.data.id)).toBe(String(first.body.data.id));
    expectProblem(await app.admin.post(teams, { name: `${name}!` }, key), 422, 'idempotency.mismatch');
    const found = await app.admin.get(`${teams}?filter=${encodeURIComponent(`name == "${name}"`)}`);
    expect(found.body.data.length).toBe(1);
  });

  test('of many at once exactly one writes', async () => {
    const name = `Race ${Math.random()}`;
    const key = { 'idempotency-key': `race-${Math.random()}` };
    const answers = await Promise.all(Array.from({ length: 8 }, () => app.admin.post(teams, { name }, key)));
    for (const { status } of answers) expect([201, 409]).toContain(status);
    const found = await app.admin.get(`${teams}?filter=${encodeURIComponent(`name == "${name}"`)}`);
    expect(found.body.data.length).toBe(1);
  });

  test('a refused request leaves its key free', async () => {
    const key = { 'idempotency-key': `free-${Math.random()}` };
    expect((await app.admin.post(teams, { nothing: 1 }, key)).status).toBe(422);
    expect((await app.admin.post(teams, { name: `Free ${Math.random()}` }, key)).status).toBe(201);
  });

  test('a bulk counts once too', async () => {
    const rows = [{ name: `Bulk ${Math.random()}` }, { name: `Bulk ${Math.random()}` }];
    const key = { 'idempotency-key': `bulk-${Math.random()}` };
    const first = await app.admin.post(`${teams}/bulk?mode=create`, rows, key);
    const again = await app.admin.post(`${teams}/bulk?mode=create`, rows, key);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.text).toBe(first.text);
    expect(first.body.summary).toMatchObject({ created: 2, refused: 0 });
  });

  test('a replay asks for access again', async () => {
    const member = await app.member({ roles: ['core.administrator'] });
    const key = { 'idempotency-key': `gone-${Math.random()}` };
    const made = await member.post(teams, { name: `Gone ${Math.random()}` }, key);
    expect((await app.admin.delete(`${teams}/${String(made.body.data.id)}`)).status).toBe(204);
    expect((await member.post(teams, { name: 'other body' }, key)).status).toBe(422);
  });
});

describe('bulk bodies', () => {
  const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
  const ndjson = { 'content-type': 'application/x-ndjson' };

  test('lines and arrays say what became of each row', async () => {
    const good = { name: `Good ${Math.random()}` };
    for (const [body, headers] of [
      [lines([good, { nmae: 'x' }]), ndjson],
      [JSON.stringify([{ name: `${good.name} 2` }, { nmae: 'x' }]), json],
    ] as const) {
      const answer = await app.admin.send('POST', `${teams}/bulk?mode=create`, body, headers);
      expect(answer.status).toBe(200);
      expect(answer.body.data.map((row) => String(row.status))).toEqual(['created', 'refused']);
    }
  });

  test('text that cannot be stored refuses its row, a malformed row refuses all', async () => {
    const answer = await app.admin.send(
      'POST',
      `${teams}/bulk?mode=create`,
      `{"name":"Nul ${Math.random()}"}\n{"name":"a\\u0000"}`,
      ndjson,
    );
    expect(answer.body.data.map((row) => String(row.status))).toEqual(['created', 'refused']);
    const name = `Late ${Math.random()}`;
    expectProblem(
      await app.admin.send('POST', `${teams}/bulk?mode=create`, `{"name":"${name}"}\n{"name":`, ndjson),
      400,
      'request.malformed',
    );
    expect((await app.admin.get(`${teams}?filter=${encodeURIComponent(`name == "${name}"`)}`)).body.data.length).toBe(
      0,
    );
  });

  test('a patch for all that match needs a filter', async () => {
    const name = `Match ${Math.random()}`;
    await app.admin.post(teams, { name });
    const answer = await app.admin.post(`${teams}/bulk?mode=update`, {
      filter: `name == "${name}"`,
      patch: { description: 'matched' },
    });
    expect(answer.body.data).toMatchObject({ matched: 1, changed: 1, refused: 0 });
    expect((await app.admin.post(`${teams}/bulk`, { patch: { description: 'all' } })).status).toBe(422);
    expect((await app.admin.post(`${teams}/bulk?mode=create`, { filter: 'true', patch: {} })).status).toBe(422);
  });

  test('mode is needed, and known', async () => {
    expectProblem(await app.admin.post(`${teams}/bulk`, [{}]), 422, 'request.parameter');
    expectProblem(await app.admin.post(`${teams}/bulk?mode=creat`, [{}]), 422, 'request.parameter');
  });
});

async function bearer(): Promise<string> {
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  return `Bearer ${String((await client.post('/api/api-keys', { name: 'raw' })).body.data.key)}`;
}
