import type { RouteSpec } from './route.js';

/** One route as it was registered. */
export interface RouteEntry {
  readonly method: string;
  /** `/api/records/:entity/:id` */
  readonly path: string;
  readonly spec: RouteSpec;
}

/** All routes of the API, for 405 answers and the API description. */
export interface RouteTable {
  add(route: RouteEntry): void;
  all(): readonly RouteEntry[];
  /** Methods that a concrete path is served with; none where there is nothing. */
  methodsOf(path: string): string[];
}

/** An empty table. */
export function createRouteTable(): RouteTable {
  const routes: RouteEntry[] = [];
  return {
    add: (route) => void routes.push(route),
    all: () => routes,
    methodsOf(path) {
      const segments = path.split('/');
      const methods = routes.filter((route) => matches(route.path.split('/'), segments)).map((route) => route.method);
      return [...new Set(methods)].sort();
    },
  };
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]))
  );
}
