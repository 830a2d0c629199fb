import type { RenderedPage } from '../actions/index.js';
import type { TrellisError } from '../base/errors.js';

/** The document around a rendered page. The policy of all answers holds here too: nothing inline, nothing from elsewhere. */
export function pageDocument({ title, html, locale }: RenderedPage): string {
  const said = (key: keyof typeof english): string => escape(wordsIn(locale)[key][1]);
  return `<!doctype html>
<html lang="${escape(locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="stylesheet" href="/p/assets/page.css">
</head>
<body>
<main>
${html}
<p id="answer" role="status" data-offline="${said('offline')}" data-link="${said('link.invalid')}" data-wait="${said('request.too_many')}" hidden></p>
</main>
<script src="/p/assets/page.js"></script>
</body>
</html>
`;
}

/** A refusal as a page, in the words of the visitor's language. */
export function refusalDocument(error: TrellisError, locale: string): string {
  const known: Readonly<Record<string, Words>> = wordsIn(locale);
  const words = known[error.code] ?? wordsIn(locale).other;
  const html = `<h1>${escape(words[0])}</h1>\n<p>${escape(words[1])}</p>`;
  return pageDocument({ title: words[0], html, locale });
}

type Words = readonly [what: string, next: string];

function wordsIn(locale: string): typeof english {
  return locale.startsWith('zh') ? chinese : english;
}

const english: Readonly<Record<'link.invalid' | 'request.too_many' | 'offline' | 'other', Words>> = {
  'link.invalid': ['This link does not work', 'It has expired, or is not whole. Ask for a new one where you got it.'],
  'request.too_many': ['Please wait a moment', 'There were too many requests from your address. Try again later.'],
  offline: ['Not sent', 'This could not be sent. Check your connection and try again.'],
  other: ['There is nothing here', 'The address is wrong, or the page is gone.'],
};
const chinese: typeof english = {
  'link.invalid': ['链接无法使用', '链接已过期或不完整，请向发送方重新索取。'],
  'request.too_many': ['请稍候', '来自您所在地址的请求过多，请稍后再试。'],
  offline: ['未能发送', '未能发送，请检查网络连接后重试。'],
  other: ['页面不存在', '地址有误，或该页面已移除。'],
};

/** What the pages load. */
export const pageAssets: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  'page.css': {
    type: 'text/css; charset=utf-8',
    text: `:root{color-scheme:light dark}
body{margin:0;font:16px/1.6 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei",sans-serif;color:#1f2937;background:#f8fafc}
main{max-width:560px;margin:8vh auto;padding:32px;background:#fff;border:1px solid #e5e7eb;border-radius:8px}
h1{margin:0 0 12px;font-size:22px;line-height:1.3}
label{display:block;margin:12px 0;font-weight:500}
input:not([type=checkbox]):not([type=radio]),select,textarea{display:block;box-sizing:border-box;width:100%;min-height:44px;margin-top:4px;padding:8px 12px;font:inherit;border:1px solid #9ca3af;border-radius:6px}
button{min-height:44px;margin-top:16px;padding:0 20px;font:inherit;font-weight:500;color:#fff;background:#2563eb;border:0;border-radius:6px;cursor:pointer}
button:hover{background:#1d4ed8}button:disabled{opacity:.6;cursor:default}
:focus-visible{outline:2px solid #2563eb;outline-offset:2px}
#answer{margin:16px 0 0}#answer.refused{color:#b91c1c}
@media (max-width:640px){main{margin:0;border:0;border-radius:0;min-height:100vh;box-sizing:border-box}}
@media (prefers-color-scheme:dark){body{color:#e5e7eb;background:#0b0f19}main{background:#141a26;border-color:#2b3444}#answer.refused{color:#fca5a5}}
`,
  },
  // Sends <form data-action="plugin.verb-object"> to that public action, with the signed link of the page's own address.
  'page.js': {
    type: 'text/javascript; charset=utf-8',
    text: `const answer = document.getElementById('answer');
function say(isWell, words) {
  answer.hidden = false;
  answer.className = isWell ? '' : 'refused';
  answer.textContent = words;
}
for (const form of document.querySelectorAll('form[data-action]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button[type=submit],button:not([type])');
    const input = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled) continue;
      if (field.type === 'checkbox') input[field.name] = field.checked;
      else if (field.type === 'radio') { if (field.checked) input[field.name] = field.value; }
      else if (field.value !== '') input[field.name] = field.type === 'number' ? Number(field.value) : field.value;
    }
    if (button) button.disabled = true;
    try {
      const reply = await fetch('/api/public/actions/' + encodeURIComponent(form.dataset.action) + location.search, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input),
      });
      const body = await reply.json().catch(() => ({}));
      const known = { 'link.invalid': answer.dataset.link, 'request.too_many': answer.dataset.wait };
      say(reply.ok, reply.ok ? form.dataset.done || 'OK' : known[body.code] || body.detail || String(reply.status));
      if (reply.ok) form.hidden = true;
    } catch {
      say(false, answer.dataset.offline);
    }
    if (button) button.disabled = false;
  });
}
`,
  },
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
