import type { Catalog } from '../catalog/index.js';
import { parseJson } from './parse-json.js';
import type { PluginInfo, PluginSettingsInfo, PluginTexts, RawPlugin, SettingSchema } from './types.js';

type Messages = Readonly<Record<string, string>>;

/** A plugin in words for people: without the texts of other languages. */
export type PluginAnswer = Omit<PluginInfo, 'texts'>;

/**
 * A plugin's name and description in a language. Its own texts count also while it is switched off, since nobody could read
 * otherwise what is to be switched on; those of other plugins and of the workspace are laid over them.
 */
export function localizePlugin({ texts, ...info }: PluginInfo, catalog: Catalog, locale: string): PluginAnswer {
  const messages = messagesOf({ texts, ...info }, catalog, locale);
  return {
    ...info,
    title: messages['/title'] ?? info.title,
    description: messages['/description'] ?? info.description,
  };
}

/** The same of its settings: their titles and descriptions; keys, choices and defaults are values and stay. */
export function localizeSettings(
  settings: PluginSettingsInfo,
  info: PluginInfo,
  catalog: Catalog,
  locale: string,
): PluginSettingsInfo {
  const messages = messagesOf(info, catalog, locale);
  const properties = Object.entries(settings.schema.properties).map(([key, setting]): [string, SettingSchema] => {
    const at = `/settings/properties/${key}`;
    const description = messages[`${at}/description`] ?? setting.description;
    const title = messages[`${at}/title`] ?? setting.title;
    return [key, { ...setting, title, ...(description === undefined ? {} : { description }) }];
  });
  return { ...settings, schema: { ...settings.schema, properties: Object.fromEntries(properties) } };
}

/** What the files of a plugin say of itself, by language; files that cannot be read are told among its problems. */
export function ownTexts({ files }: Pick<RawPlugin, 'files'>, id: string): PluginTexts {
  const texts: Record<string, Messages> = {};
  for (const { path, text } of files) {
    const locale = /^i18n\/([^/]+)\.json$/.exec(path)?.[1];
    const own = locale === undefined ? null : textsIn(text, id);
    if (locale !== undefined && own !== null) texts[locale] = own;
  }
  return texts;
}

function textsIn(text: string, id: string): Messages | null {
  const parsed = parseJson(text);
  const document = 'value' in parsed ? (parsed.value as { messages?: Record<string, unknown> } | null) : null;
  const own = document?.messages?.[`plugin:${id}`];
  if (typeof own !== 'object' || own === null) return null;
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function messagesOf({ id, texts }: Pick<PluginInfo, 'id' | 'texts'>, catalog: Catalog, locale: string): Messages {
  const own = texts[locale] ?? texts[locale.split('-')[0]];
  return { ...own, ...catalog.textsOf('plugin', id, locale) };
}
