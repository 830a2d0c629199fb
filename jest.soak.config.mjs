// The full counts: what the tests do a few times, done often. Run by `npm run test:soak`, one file after the other.
import config from './jest.config.mjs';

const server = config.projects.find((project) => project.displayName === 'server');

export default {
  ...server,
  displayName: 'soak',
  testMatch: ['<rootDir>/test/soak/**/*.test.ts'],
  testTimeout: 600_000,
};
