/** Icons that fit an entity, by their lucide names, in the order in which they are offered; each has words in `studio.icons`. */
// prettier-ignore
export const entityIcons: readonly string[] = [
  'box', 'briefcase', 'folder', 'layers', 'flag', 'star', 'target', 'award', 'lightbulb', 'calendar', 'clock', 'user', 'users', 'contact',
  'building-2', 'home', 'map-pin', 'globe', 'handshake', 'phone', 'mail', 'message-circle', 'megaphone', 'headphones', 'life-buoy', 'ticket',
  'clipboard-list', 'list-checks', 'file-text', 'book-open', 'receipt', 'wallet', 'banknote', 'coins', 'credit-card', 'shopping-cart',
  'package', 'truck', 'gift', 'tag', 'heart', 'trending-up', 'pie-chart', 'activity', 'wrench', 'settings', 'key', 'shield', 'database',
  'image', 'video',
];
