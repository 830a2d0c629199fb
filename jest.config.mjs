// One configuration for all suites; `npm test` runs every project, in bands so that two cores suffice.
const swc = {
  '^.+\\.ts$': ['@swc/jest', { swcrc: false, jsc: { parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true, decoratorMetadata: true }, target: 'es2022' }, module: { type: 'es6' } }],
};
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: swc,
  moduleNameMapper: { '^#sdk$': '<rootDir>/core/sdk/index.ts', '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
};
const project = (displayName, testMatch, extra = {}) => ({ ...base, displayName, testMatch, ...extra });
const root = import.meta.dirname.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
// What talks to a server runs the built one, loaded once a worker, and so are the two largest libraries; unit tests have their sources to themselves.
const built = {
  testEnvironment: '<rootDir>/test/support/built-environment.mjs',
  moduleNameMapper: { '^(pg|playwright-core)$': '<rootDir>/test/support/outside/$1.mjs', ...base.moduleNameMapper },
  transform: { [`^${root}[\\\\/](core|plugins|schemas)[\\\\/].+(?<!\\.test)\\.ts$`]: '<rootDir>/test/support/built-module.mjs', ...swc },
};

export default {
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  // Far more than any test needs: a busy machine takes many times as long, and what waits, waits for its event.
  testTimeout: 300_000,
  // Suites wait for servers and browsers more than they compute; jest's own default on two cores is one worker.
  maxWorkers: 3,
  projects: [
    project('unit', ['<rootDir>/core/**/*.test.ts', '<rootDir>/plugins/**/*.test.ts', '<rootDir>/schemas/**/*.test.ts', '<rootDir>/admin-ui/src/**/*.test.ts', '<rootDir>/test/architecture/**/*.test.ts']),
    project('server', ['<rootDir>/test/{api,scenarios,upgrade}/**/*.test.ts'], { ...built, globalSetup: '<rootDir>/test/support/global-setup.mjs', globalTeardown: '<rootDir>/test/support/global-teardown.mjs' }),
    project('browser', ['<rootDir>/test/browser/**/*.test.ts'], { ...built, globalSetup: '<rootDir>/test/browser/support/global-setup.mjs', globalTeardown: '<rootDir>/test/support/global-teardown.mjs' }),
  ],
};
