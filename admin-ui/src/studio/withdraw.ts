import type { WorkspaceOperation } from '../../../schemas/studio.js';
import { objectOf, pointer } from './document.js';
import type { Json } from './document.js';

/** The operations without a definition that they themselves make, and without its texts in other languages. */
export function withdraw(
  operations: readonly WorkspaceOperation[],
  type: string,
  id: string,
): readonly WorkspaceOperation[] {
  const name = `${type}:${id}`;
  const texts = pointer('messages', name);
  return operations.flatMap((operation) => {
    if (operation.type === type && operation.id === id) return [];
    if (operation.type !== 'translation') return [operation];
    if (operation.at === texts || operation.at.startsWith(`${texts}/`)) return [];
    return [operation.at === '' && 'value' in operation ? withoutTexts(operation, name) : operation];
  });
}

function withoutTexts<T extends WorkspaceOperation & { value: unknown }>(operation: T, name: string): T {
  const { [name]: gone, ...messages } = objectOf(operation.value as Json, 'messages');
  return gone === undefined ? operation : { ...operation, value: { ...(operation.value as Json), messages } };
}
