import chromium from '@sparticuz/chromium';
import { ensureBuilt } from '../../../core/cli/build.mjs';
import startDatabase from '../../support/global-setup.mjs';

/** What the browser sees is the built admin: builds it where its sources have changed, unpacks Chromium once, starts the database. */
export default async function setup() {
  await ensureBuilt({ only: ['admin'] });
  await chromium.executablePath();
  await startDatabase();
}
