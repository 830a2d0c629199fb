import { createServer, type AddressInfo } from 'node:net';
import { ADMIN, signIn, startApp, type TestApp } from '../support/app.js';
import { settledPerson } from '../support/people.js';
import { startProvider, type ProviderAccount, type TestProvider } from '../support/provider.js';

let app: TestApp;
let provider: TestProvider;
let home: string;
const secret = 'a secret between the two of them';

beforeAll(async () => {
  const port = await freePort();
  home = `http://127.0.0.1:${port}`;
  provider = await startProvider({ id: 'trellis', secret, redirectUri: `${home}/api/session/oidc/works/callback` });
  app = await startApp({ env: { PORT: String(port), TRELLIS_PUBLIC_URL: home } });
  const made = await app.admin.post('/api/sign-in/providers', {
    id: 'works',
    title: 'Works',
    issuer: provider.issuer,
    clientId: 'trellis',
    clientSecret: secret,
    scopes: 'email profile groups',
    domains: ['example.org'],
    makesUsers: true,
    linksUsers: true,
    groupClaim: 'groups',
    roleMap: { boss: 'core.administrator' },
  });
  expect([made.status, made.body.data.redirectUri]).toEqual([201, `${home}/api/session/oidc/works/callback`]);
});
afterAll(async () => {
  await app?.stop();
  await provider?.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A browser: follows redirects, keeps cookies of each host. `stop` ends before that address is asked for. */
function openBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string): Map<string, string> => {
    const { origin } = new URL(url);
    return jars.get(origin) ?? jars.set(origin, new Map()).get(origin) ?? new Map();
  };
  return {
    cookie: (name: string) => jarOf(home).get(name),
    async go(start: string, stop: (url: string) => boolean = () => false): Promise<string> {
      let url = new URL(start, home).href;
      for (let hops = 0; hops < 12; hops++) {
        if (stop(url)) return url;
        const jar = jarOf(url);
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
        for (const line of answer.headers.getSetCookie()) {
          const [name, value] = line.split(';')[0].split(/=(.*)/s);
          if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
          else jar.set(name, value);
        }
        const to = answer.headers.get('location');
        if (to === null) return url;
        url = new URL(to, url).href;
        if (url.startsWith(`${home}/`) && !url.startsWith(`${home}/api/`)) return url.slice(home.length);
      }
      throw new Error(`Too many redirects: ${url}`);
    },
  };
}

let people = 0;
const somebody = (more: Partial<ProviderAccount> = {}): ProviderAccount => {
  const n = ++people;
  return { sub: `subject-${n}`, email: `person-${n}@example.org`, email_verified: true, name: `Person ${n}`, ...more };
};

async function enter(account: ProviderAccount, next = '/records/core.team') {
  provider.current = account;
  const browser = openBrowser();
  const landed = await browser.go(`/api/session/oidc/works?next=${encodeURIComponent(next)}`);
  const token = browser.cookie('trellis_session');
  const client = token === undefined ? null : app.anonymous.with({ cookie: `trellis_session=${token}` });
  return { landed, client, browser };
}

test('whoever the policy lets in gets an account at the first sign-in, and the same one ever after', async () => {
  const account = somebody();
  const first = await enter(account);
  expect(first.landed).toBe('/records/core.team');
  const session = (await first.client?.get('/api/session'))?.body.data;
  expect(session).toMatchObject({ user: { name: account.name, email: account.email }, roles: ['core.member'] });
  // The subject says who it is, not the address, which may change hands.
  const again = await enter({ ...account, email: 'another@example.org' });
  expect((await again.client?.get('/api/session'))?.body.data.user.id).toBe(session?.user.id);
});

test('groups give roles and take them away, as of each sign-in; other roles stay', async () => {
  const account = somebody({ groups: ['boss', 'others'] });
  const first = await enter(account);
  expect((await first.client?.get('/api/users'))?.status).toBe(200);
  await enter({ ...account, groups: ['others'] });
  // The earlier session is of the same user: what is lost is lost there too.
  expect((await first.client?.get('/api/users'))?.status).toBe(403);
  expect((await first.client?.get('/api/session'))?.body.data.roles).toEqual(['core.member']);
});

test('the last administrator keeps the role, whatever its groups say', async () => {
  const account = somebody({ groups: ['boss'] });
  const boss = (await enter(account)).client;
  const { data } = (await app.admin.get('/api/users')).body;
  const root = String(data.find(({ email }) => String(email) === ADMIN.email)?.id);
  for (const { id, roles } of data)
    if (roles.some((role) => String(role) === 'core.administrator') && String(id) !== root)
      if ((await boss?.get('/api/session'))?.body.data.user.id !== id)
        await app.admin.patch(`/api/users/${String(id)}`, { roles: ['core.member'] });
  expect((await boss?.patch(`/api/users/${root}`, { roles: ['core.member'] }))?.status).toBe(200);
  const { client } = await enter({ ...account, groups: [] });
  expect((await client?.patch(`/api/users/${root}`, { roles: ['core.administrator'] }))?.status).toBe(200);
  // There is another one again: now the groups are heard.
  expect((await (await enter({ ...account, groups: [] })).client?.get('/api/users'))?.status).toBe(403);
});

test.each([
  ['an address that is not verified', { email_verified: false }, 'oidc.unverified'],
  ['no address', { email: undefined }, 'oidc.unverified'],
  ['an address of another domain', { email: 'eve@example.com' }, 'oidc.no_account'],
  ['an address that only looks like one of the domain', { email: 'eve@sub.example.org' }, 'oidc.no_account'],
])('%s lets nobody in', async (_what, more, code) => {
  const { landed, client } = await enter(somebody(more));
  expect([landed, client]).toEqual([`/sign-in?failed=${code}`, null]);
});

test('the account of a verified address is taken over only where the policy says so', async () => {
  const person = await settledPerson(app);
  const email = `own-${++people}@example.org`;
  const { client } = await signIn(app.anonymous, ADMIN.email, ADMIN.password);
  expect((await client.patch(`/api/users/${person.id}`, { email })).status).toBeLessThan(300);
  await app.admin.patch('/api/sign-in/providers/works', { linksUsers: false });
  expect((await enter(somebody({ email }))).landed).toBe('/sign-in?failed=oidc.no_account');
  await app.admin.patch('/api/sign-in/providers/works', { linksUsers: true });
  // Letters that become the same where they are written plainly are those of another mailbox.
  for (const like of [email.replace('own', 'ｏwn'), email.replace('org', 'oｒg'), email.replace('own', 'oʷn')])
    expect((await enter(somebody({ email: like }))).landed).toBe('/sign-in?failed=oidc.unverified');
  const linked = await enter(somebody({ email: email.toUpperCase() }));
  expect((await linked.client?.get('/api/session'))?.body.data.user.id).toBe(person.id);
});

test('a suspended user is not let in', async () => {
  const account = somebody();
  const { client } = await enter(account);
  const id = String((await client?.get('/api/session'))?.body.data.user.id);
  await app.admin.patch(`/api/users/${id}`, { active: false });
  expect((await enter(account)).landed).toBe('/sign-in?failed=oidc.suspended');
});

test('what comes back counts once, in the browser that began, for what was begun', async () => {
  provider.current = somebody();
  const isBack = (url: string) => url.includes('/callback?');
  const victim = openBrowser();
  const back = await victim.go('/api/session/oidc/works', isBack);
  // Sign-in by a foreign link (login CSRF): another browser has another flow, or none.
  const other = openBrowser();
  expect(await other.go(back)).toBe('/sign-in?failed=oidc.failed');
  await other.go('/api/session/oidc/works', isBack);
  expect(await other.go(back)).toBe('/sign-in?failed=oidc.failed');
  expect(await victim.go(back.replace(/state=[^&]+/, 'state=forged'))).toBe('/sign-in?failed=oidc.failed');
  expect(victim.cookie('trellis_session')).toBeUndefined();
  const twice = openBrowser();
  const own = await twice.go('/api/session/oidc/works', isBack);
  const flow = String(twice.cookie('trellis_sign_in'));
  expect(await twice.go(own)).toBe('/');
  const replay = await fetch(own, { redirect: 'manual', headers: { cookie: `trellis_sign_in=${flow}` } });
  expect(replay.headers.get('location')).toBe('/sign-in?failed=oidc.failed');
});

test('the request carries PKCE, state and nonce; the way back stays on this server', async () => {
  const browser = openBrowser();
  const out = new URL(await browser.go('/api/session/oidc/works?next=/', (url) => url.startsWith(provider.issuer)));
  expect(out.searchParams.get('code_challenge_method')).toBe('S256');
  for (const name of ['code_challenge', 'state', 'nonce'])
    expect(out.searchParams.get(name)?.length).toBeGreaterThan(20);
  for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)'])
    expect((await enter(somebody(), next)).landed).toBe('/');
});

test('the client secret is sealed, and told to nobody', async () => {
  const rows = await app.db.query<{ sealed: string }>('select * from trellis.identity_provider');
  expect(JSON.stringify(rows)).not.toContain(secret);
  const listed = await app.admin.get('/api/sign-in/providers');
  expect(listed.body.data[0]).toMatchObject({ id: 'works', hasSecret: true });
  expect(listed.text).not.toContain(secret);
  expect((await app.admin.get('/api/audit?limit=200')).text).not.toContain(secret);
  expect((await app.anonymous.get('/api/session/options')).body.data.providers).toEqual([
    { id: 'works', title: 'Works' },
  ]);
});

test('only administrators configure providers, and nonsense is refused by name', async () => {
  const member = await app.member();
  expect((await member.get('/api/sign-in/providers')).status).toBe(403);
  const good = { id: 'other', title: 'Other', issuer: 'https://id.example.org', clientId: 'x' };
  for (const [change, path] of [
    [{ issuer: 'http://id.example.org' }, '/issuer'],
    [{ issuer: 'file:///etc/passwd' }, '/issuer'],
    [{ id: 'No Id' }, '/id'],
    [{ domains: ['*'] }, '/domains'],
  ] as const)
    expect((await app.admin.post('/api/sign-in/providers', { ...good, ...change })).body).toMatchObject({
      status: 422,
      issues: [{ path }],
    });
  expect((await app.admin.post('/api/sign-in/providers', { ...good, defaultRoles: ['core.boss'] })).body.code).toBe(
    'role.unknown',
  );
  expect((await app.admin.post('/api/sign-in/providers', { ...good, id: 'works' })).status).toBe(409);
});
