import { invalid } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Catalog, Definition } from '../catalog/index.js';
import type { Channel } from './types.js';

/** A kind of notification: a template that says so. */
export interface NotificationKind {
  readonly id: string;
  readonly definition: Definition;
  readonly defaults: Readonly<Record<Channel, boolean>>;
  readonly icon: string;
}

/** All kinds of the present catalog, by id. */
export function notificationKinds(catalog: Catalog): Map<string, NotificationKind> {
  const kinds = new Map<string, NotificationKind>();
  for (const [id, definition] of catalog.definitions('template')) {
    const said = definition.document.notification as { channels?: readonly Channel[]; icon?: string } | undefined;
    if (!said) continue;
    const channels = said.channels ?? [];
    kinds.set(id, {
      id,
      definition,
      defaults: { app: channels.includes('app'), mail: channels.includes('mail') },
      icon: said.icon ?? 'bell',
    });
  }
  return kinds;
}

/** Throws notification.unknown_kind. */
export function findKind(kinds: ReadonlyMap<string, NotificationKind>, id: string): NotificationKind {
  const kind = kinds.get(id);
  if (kind) return kind;
  throw invalid(
    'notification.unknown_kind',
    `There is no kind of notification "${id.slice(0, 80)}".${didYouMean(id, kinds.keys())}`,
    { params: { kind: id.slice(0, 80) }, hint: 'A kind is a template with "notification".' },
  );
}
