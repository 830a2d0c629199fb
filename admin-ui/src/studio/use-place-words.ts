import { useI18n } from 'vue-i18n';
import { useCatalog } from '../meta/index.js';
import { placeSteps } from './conflict-words.js';

/** What people call the steps to a place of a definition, e.g. `/properties/website/x-field/options` → Website, Options. */
export function usePlaceWords(): (type: string, id: string, at: string) => string[] {
  const { t, te } = useI18n();
  const catalog = useCatalog();

  /** The entity that keys in a definition are of. */
  function entityIn(type: string, id: string): string {
    if (type === 'entity') return id;
    const { views = [], forms = [] } = catalog.catalog ?? {};
    return [...views, ...forms].find((one) => one.id === id)?.entity ?? '';
  }

  function fieldOfAny(path: string): string | undefined {
    const dot = path.lastIndexOf('.');
    const [entity, key] = [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)];
    const field = catalog.fieldOf(entity, key)?.title;
    return field && `${catalog.entityOf(entity)?.title}: ${field}`;
  }

  function wordsOf(name: string, about: string): string {
    if (name === '*') return t('studio.access.everyEntity');
    const right = `studio.access.rights.${name}`;
    return (
      catalog.entityOf(name)?.title ??
      catalog.fieldOf(about, name)?.title ??
      fieldOfAny(name) ??
      (te(right) ? t(right) : name)
    );
  }

  return (type, id, at) =>
    placeSteps(type, at).map(({ kind, name }) => {
      if (kind === 'field') return catalog.fieldOf(id, name)?.title ?? name;
      return kind === 'part' ? t(`studio.upgrades.parts.${name}`) : wordsOf(name, entityIn(type, id));
    });
}
