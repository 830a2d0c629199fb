import { restartDatabaseUnderLoad } from '../support/restart-run.js';

/** Restarts in all; fewer by SOAK_RESTARTS. */
const restarts = Number(process.env.SOAK_RESTARTS ?? '20');

test(`PostgreSQL restarted ${restarts} times under load: nothing acknowledged is lost`, async () => {
  await restartDatabaseUnderLoad(restarts);
}, 1_800_000);
