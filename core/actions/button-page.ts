import { renderTemplate } from '../templates/index.js';
import type { RenderedPage } from './types.js';

const words = {
  en: { button: 'Continue', done: 'Done. You can close this page.' },
  'zh-CN': { button: '继续', done: '已完成，可以关闭此页面。' },
} as const;

/** The page of a signed link to an action: programs that open links in mails do nothing by it, people press the button. */
export function buttonPage(input: { title: string; action: string; locale: string }): RenderedPage {
  const locale = input.locale.startsWith('zh') ? 'zh-CN' : 'en';
  const html = renderTemplate({
    source:
      '<h1>{{title}}</h1><form data-action="{{action}}" data-done="{{done}}"><button type="submit">{{button}}</button></form>',
    kind: 'html',
    data: { ...words[locale], title: input.title, action: input.action },
    locale,
    zone: 'UTC',
  });
  return { title: input.title, html, locale };
}
