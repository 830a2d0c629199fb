import { defineWidget } from '../../../sdk/index.js';
import { noFilter } from '../filters/index.js';
import LinkCell from './LinkCell.vue';
import { lazyInput } from '../lazy-input.js';

const AnyLinkInput = lazyInput('AnyLinkInput');
const LinkFilter = lazyInput('LinkFilter');
const LinkInput = lazyInput('LinkInput');
const LinksInput = lazyInput('LinksInput');

/** One record of another entity. */
export const linkWidget = defineWidget({
  id: 'link',
  kinds: ['link'],
  Input: LinkInput,
  Cell: LinkCell,
  Filter: LinkFilter,
  options: { width: 180 },
});

/** Any number of records, each with a label where the field has some. */
export const linksWidget = defineWidget({
  id: 'links',
  kinds: ['links'],
  Input: LinksInput,
  Cell: LinkCell,
  Filter: LinkFilter,
  options: { wide: true, noInline: true, width: 220 },
});

/** One record of one of several entities. */
export const anyLinkWidget = defineWidget({
  id: 'anyLink',
  kinds: ['anyLink'],
  Input: AnyLinkInput,
  Cell: LinkCell,
  Filter: noFilter,
  options: { group: true, noInline: true, width: 200 },
});

/** A user. */
export const userWidget = defineWidget({
  id: 'user',
  kinds: ['user'],
  Input: LinkInput,
  Cell: LinkCell,
  Filter: LinkFilter,
  options: { width: 160 },
});
