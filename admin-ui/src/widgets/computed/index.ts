import { defineComponent, h } from 'vue';
import type { PropType } from 'vue';
import { defineWidget } from '../../../sdk/index.js';
import type { CatalogField } from '../../meta/index.js';
import { lazyInput } from '../lazy-input.js';
import { widgetFor } from '../registry.js';
import { shownAs } from './shown-as.js';

const part = (name: 'Cell' | 'Filter') =>
  defineComponent({
    name: `Computed${name}`,
    inheritAttrs: false,
    props: { field: { type: Object as PropType<CatalogField>, required: true } },
    setup(props, { attrs }) {
      return () => {
        const field = shownAs(props.field);
        return h(widgetFor(field)[name], { ...attrs, field });
      };
    },
  });
/** The widget of formulas and rollups: cell and filter are those of the kind that they give. */
export const computedWidget = defineWidget({
  id: 'computed',
  kinds: ['formula', 'rollup'],
  Input: lazyInput('ReadOnlyInput'),
  Cell: part('Cell'),
  Filter: part('Filter'),
  options: { width: 130, noInline: true },
});
