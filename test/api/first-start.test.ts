import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../../core/base/config.js';
import { silentLog } from '../../core/base/log.js';
import { startTrellis } from '../../core/start.js';
import { Client } from '../support/client.js';
import { emptyDatabase } from '../support/empty-database.js';

test.each([
  ['TRELLIS_SECRET', 'short'],
  ['TRELLIS_SECRET', 'x'.repeat(40)],
  ['TRELLIS_SECRET', 'changeme-changeme-changeme-changeme-0123'],
  ['TRELLIS_SECRET', 'please-replace-your-secret-before-production'],
  ['TRELLIS_SECRET', 'the-default-of-some-docker-compose-file'],
  ['TRELLIS_ADMIN_PASSWORD', 'admin'],
])('nothing starts with %s=%s', (name, value) => {
  expect(() => readConfig({ [name]: value }, (path) => resolve(path))).toThrow(new RegExp(`${name} must`));
});

test('two nodes that start at once on an empty database make one administrator between them', async () => {
  const database = await emptyDatabase({ migrated: false });
  const dataDir = await mkdtemp(join(tmpdir(), 'trellis-first-'));
  const env = {
    PORT: '0',
    DATABASE_URL: database.url,
    TRELLIS_DATA_DIR: dataDir,
    TRELLIS_SEED: 'none',
    TRELLIS_BACKUP_HOURS: '0',
    TRELLIS_POOL_SIZE: '5',
  };
  const announced: { email: string; password: string }[] = [];
  const start = () =>
    startTrellis({
      config: readConfig(env, (path) => resolve(path)),
      log: silentLog,
      announce: (account) => void announced.push(account),
    });
  const nodes = await Promise.all([start(), start()]);
  try {
    expect(announced).toEqual([
      { email: 'admin@trellis.local', password: expect.stringMatching(/^\w{4}(-\w{4}){3}$/) },
    ]);
    const rows = await database.db.query({
      text: `select 1 from trellis.user_role where role = 'core.administrator'`,
      values: [],
    });
    expect(rows).toHaveLength(1);
    for (const node of nodes) {
      const answer = await new Client(node.url.replace('localhost', '127.0.0.1')).post('/api/session', announced[0]);
      expect([answer.status, String(answer.body.data.mustChangePassword)]).toEqual([200, 'true']);
    }
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
