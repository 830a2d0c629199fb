import { defineComponent, h } from 'vue';
import type { PropType } from 'vue';
import { defineWidget } from '../../../sdk/index.js';
import type { Widget } from '../../../sdk/index.js';
import type { CatalogField } from '../../meta/index.js';
import { lazyInput } from '../lazy-input.js';
import { shownAs } from './shown-as.js';

/**
 * The widget of formulas and rollups: cell and filter are those of the kind that they give. `widgetOf` is the registry's,
 * handed in, since the registry imports this file.
 */
export function computedWidget(widgetOf: (field: CatalogField) => Widget): Widget {
  const part = (name: 'Cell' | 'Filter') =>
    defineComponent({
      name: `Computed${name}`,
      inheritAttrs: false,
      props: { field: { type: Object as PropType<CatalogField>, required: true } },
      setup(props, { attrs }) {
        return () => {
          const field = shownAs(props.field);
          return h(widgetOf(field)[name], { ...attrs, field });
        };
      },
    });
  return defineWidget({
    id: 'computed',
    kinds: ['formula', 'rollup'],
    Input: lazyInput('ReadOnlyInput'),
    Cell: part('Cell'),
    Filter: part('Filter'),
    options: { width: 130, noInline: true },
  });
}
