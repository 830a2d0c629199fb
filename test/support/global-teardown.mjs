/** Ends the PostgreSQL that `global-setup.mjs` started. */
export default async function teardown() {
  await globalThis.testPostgres?.stop();
}
