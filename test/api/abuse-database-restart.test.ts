import { restartDatabaseUnderLoad } from '../support/restart-run.js';

// The full count is in test/soak/database-restart.test.ts.
test('PostgreSQL restarted under load: 503 while it is away, no error after, nothing acknowledged lost', async () => {
  await restartDatabaseUnderLoad(2);
});
