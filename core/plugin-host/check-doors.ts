import { makeAjv } from '../schema/index.js';
import type { ActionDefinition, PageDefinition, PublicDoor } from '../sdk/index.js';

type Report = (code: string, message: string) => unknown;
type CheckId = (what: string, id: unknown) => void;

/** What is wrong with actions as a plugin exports them. */
export function checkActions(actions: readonly unknown[], checkId: CheckId, report: Report): void {
  for (const action of actions as readonly Partial<ActionDefinition>[]) {
    checkId('action', action.id);
    const name = `the action "${String(action.id)}"`;
    if (typeof action.run !== 'function') report('plugin.bad_action', `${name} has no function "run".`);
    if (typeof action.title !== 'string' || action.title === '')
      report('plugin.bad_action', `${name} has no title; say in one line what it does.`);
    const fault = schemaFault(action.input);
    if (fault !== null) report('plugin.bad_action', `${name} has no usable "input": ${fault}.`);
    if (action.public !== undefined) checkDoor(action.public, name, report);
  }
}

/** The same of pages. */
export function checkPages(pages: readonly unknown[], checkId: CheckId, report: Report): void {
  for (const page of pages as readonly Partial<PageDefinition>[]) {
    checkId('page', page.id);
    const name = `the page "${String(page.id)}"`;
    if (typeof page.load !== 'function') report('plugin.bad_page', `${name} has no function "load".`);
    if (typeof page.template !== 'string') report('plugin.bad_page', `${name} names no template.`);
    checkDoor(page.public, name, report);
  }
}

function checkDoor(door: Partial<PublicDoor> | undefined, name: string, report: Report): void {
  const { limit, perSeconds } = door?.rateLimit ?? {};
  if (!isWithin(limit, 10_000) || !isWithin(perSeconds, 86_400))
    report(
      'plugin.bad_door',
      `${name} is public and needs "rateLimit", e.g. { limit: 20, perSeconds: 60 } (limit 1–10000, perSeconds 1–86400).`,
    );
}

function isWithin(value: unknown, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

function schemaFault(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return 'it must be a JSON Schema of an object';
  try {
    makeAjv().compile({ type: 'object', ...input });
    return (input as { type?: unknown }).type === undefined || (input as { type?: unknown }).type === 'object'
      ? null
      : 'its type must be "object"';
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : String(error);
  }
}
