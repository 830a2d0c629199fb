/**
 * `navigator.userAgent`, as Node has it from 21 on. Where it is missing, the PostgreSQL driver asks `Response` which runtime this
 * is, and Node loads all of its `fetch` for the answer.
 */
if (!('navigator' in globalThis))
  Object.defineProperty(globalThis, 'navigator', {
    value: Object.freeze({ userAgent: `Node.js/${process.versions.node.split('.', 1)[0]}` }),
    configurable: true,
  });

export {};
