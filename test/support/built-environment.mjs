import 'reflect-metadata';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Node, and the product as it is built: what a test file imports of it is loaded outside of jest's module registry, once a worker
 * rather than once a file (`built-module.mjs`). Loading a thousand modules anew took a file longer than most of its tests.
 */
export default class BuiltEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.importBuilt = importBuilt;
  }
}

// Frozen: jest empties what it finds at the global object when a file is done.
const importBuilt = Object.freeze((url) => import(url));
