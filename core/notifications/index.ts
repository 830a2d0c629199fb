/**
 * What users are told: in the application (an event, a list with what is unread) and by mail, as each of them prefers.
 * Owns trellis.notification and trellis.notification_preference. It never stores a value of a record: titles are read when
 * somebody looks, under the access of who looks.
 * Invariants: a notification about a record that its reader may not read does not exist for it, in list, count and mail; it
 * exists exactly if the transaction that tells it commits.
 */
export { createNotifications } from './create-notifications.js';
export { notificationTraces } from './traces.js';
export { NotificationsModule } from './notifications.module.js';
export {
  NOTIFICATIONS,
  type Channel,
  type NotificationInfo,
  type NotificationPage,
  type NotificationPreference,
  type Notifications,
} from './types.js';
