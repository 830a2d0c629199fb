/** True for a textual UUID of any version and case. (base/ids.ts needs node:crypto; this floor also runs in the browser.) */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}
