import type { ProviderRow, ProviderValues } from '../../api/index.js';

/** A provider as texts of a form: lists one line each, groups as `group = role`. */
export interface ProviderForm {
  id: string;
  title: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  domains: string;
  groupClaim: string;
  groups: string;
  defaultRole: string;
  makesUsers: boolean;
  linksUsers: boolean;
}

/** What the form shows of a provider, or of a new one. */
export function formOf(row: ProviderRow | 'new' | null): ProviderForm {
  const given = row === 'new' || row === null ? null : row;
  return {
    id: given?.id ?? '',
    title: given?.title ?? '',
    issuer: given?.issuer ?? '',
    clientId: given?.clientId ?? '',
    clientSecret: '',
    scopes: given?.scopes ?? 'email profile',
    domains: (given?.domains ?? []).join('\n'),
    groupClaim: given?.groupClaim ?? '',
    groups: Object.entries(given?.roleMap ?? {})
      .map(([group, role]) => `${group} = ${role}`)
      .join('\n'),
    defaultRole: given?.defaultRoles[0] ?? 'core.member',
    makesUsers: given?.makesUsers ?? true,
    linksUsers: given?.linksUsers ?? false,
  };
}

/** What is sent of the form; an empty secret stays as it is. */
export function valuesOf(form: ProviderForm, isActive: boolean): ProviderValues {
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  return {
    id: form.id.trim(),
    title: form.title.trim(),
    issuer: form.issuer.trim(),
    clientId: form.clientId.trim(),
    ...(form.clientSecret === '' ? {} : { clientSecret: form.clientSecret }),
    scopes: form.scopes.trim(),
    domains: lines(form.domains),
    groupClaim: form.groupClaim.trim() || null,
    roleMap: Object.fromEntries(
      lines(form.groups).map((line) => {
        const at = line.lastIndexOf('=');
        return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      }),
    ),
    defaultRoles: [form.defaultRole],
    makesUsers: form.makesUsers,
    linksUsers: form.linksUsers,
    active: isActive,
  };
}
