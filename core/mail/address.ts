import { invalid } from '../base/errors.js';

/** A mailbox: the address, and a name to show or ''. */
export interface Mailbox {
  readonly address: string;
  readonly name: string;
}

const shape = /^[^\s@<>()[\],;:\\"]{1,64}@[^\s@<>()[\],;:\\"]{1,253}$/u;
const domainShape = /^[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?)*$/u;

/** One mailbox of `ann@example.com`, `Ann Lee <ann@example.com>` or both apart. Throws mail.bad_address. */
export function readMailbox(given: string | { readonly email: string; readonly name?: string | null }): Mailbox {
  const { email, name } =
    typeof given === 'string'
      ? splitName(given)
      : { email: String(given.email).trim(), name: typeof given.name === 'string' ? given.name : '' };
  const domain = email.slice(email.lastIndexOf('@') + 1);
  if (email.length > 254 || !shape.test(email) || !domainShape.test(domain))
    throw invalid('mail.bad_address', `"${email.slice(0, 100)}" is no mail address.`, {
      hint: 'One address, like ann@example.com.',
    });
  return { address: email, name: oneLine(name).slice(0, 200) };
}

/** As people read it. */
export function showMailbox({ address, name }: Mailbox): string {
  return name === '' ? address : `${name} <${address}>`;
}

/** Without line breaks and control characters, which would begin another header. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

function splitName(text: string): { email: string; name: string } {
  const named = /^([^<>]*)<([^<>]*)>$/.exec(text.trim());
  if (named === null) return { email: text.trim(), name: '' };
  return { email: named[2].trim(), name: named[1].trim().replace(/^"(.*)"$/, '$1') };
}
