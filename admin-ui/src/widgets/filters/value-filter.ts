import type { Component, PropType } from 'vue';
import { defineComponent, h } from 'vue';
import { useI18n } from 'vue-i18n';
import type { CatalogField } from '../../meta/index.js';
import { operatorShape, valueAt } from './operator-shape.js';

/** The inputs that a filter is made of: one for values like the field's own, others where the operator asks for another sort. */
export interface FilterParts {
  own: Component;
  text: Component;
  count: Component;
  day: Component;
  /** A list of values (`in`). */
  many: Component;
}

/** A filter that shows none, one or two inputs side by side, or one for a list, as the operator needs. */
export function valueFilter(parts: FilterParts): Component {
  return defineComponent({
    name: 'ValueFilter',
    props: {
      field: { type: Object as PropType<CatalogField>, required: true },
      operator: { type: String, required: true },
      modelValue: { type: null as unknown as PropType<unknown>, default: null },
      id: { type: String, required: true },
      disabled: Boolean,
    },
    emits: ['update:modelValue'],
    setup(props, { emit }) {
      const { t } = useI18n();
      const set = (index: number, value: unknown, isPair: boolean): void => {
        if (!isPair) return emit('update:modelValue', value);
        const pair = [valueAt(props.modelValue, 0), valueAt(props.modelValue, 1)];
        pair[index] = value;
        emit('update:modelValue', pair);
      };
      return () => {
        const shape = operatorShape(props.operator);
        if (shape.count === 'none') return null;
        const field = fieldFor(props.field, shape.sort);
        const common = { field, disabled: props.disabled, compact: true };
        if (shape.count === 'many')
          return h(parts.many, {
            ...common,
            id: props.id,
            modelValue: props.modelValue ?? [],
            'onUpdate:modelValue': (value: unknown) => emit('update:modelValue', value),
          });
        const input = (index: number, isPair: boolean) =>
          h(parts[shape.sort], {
            ...common,
            id: index === 0 ? props.id : `${props.id}-${index}`,
            modelValue: isPair ? valueAt(props.modelValue, index) : (props.modelValue ?? null),
            'aria-label': isPair ? t(index === 0 ? 'widgets.from' : 'widgets.to') : props.field.title,
            'onUpdate:modelValue': (value: unknown) => set(index, value, isPair),
          });
        if (shape.count === 'one') return input(0, false);
        return h('div', { class: 'row', style: { flexWrap: 'nowrap' } }, [
          input(0, true),
          h('span', { class: 'hint', 'aria-hidden': 'true' }, '–'),
          input(1, true),
        ]);
      };
    },
  });
}

/** The field as the input should see it: a count is an integer whatever the field is. Never required: a filter may be half filled. */
function fieldFor(field: CatalogField, sort: string): CatalogField {
  const kind = sort === 'count' ? 'integer' : sort === 'day' ? 'date' : sort === 'text' ? 'text' : field.kind;
  return { ...field, kind, required: false, schema: sort === 'own' ? field.schema : {} };
}
