import { createHash } from 'node:crypto';
import { invalid } from '../../base/errors.js';
import type { DirectoryGroup, DirectoryGroupInput, DirectoryUser, DirectoryUserInput } from '../../identity/index.js';
import type { Json } from '../../sdk/index.js';
import { elementsOf, isObject, isTrue, valueIn, type JsonObject, type Shape } from './patch.js';

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** What is taken of a user; the rest of RFC 7643 is accepted and not kept, a password above all. */
export const userShape: Shape = {
  single: ['userName', 'externalId', 'displayName', 'title', 'active', 'preferredLanguage', 'locale', 'timezone'],
  complex: ['name'],
  many: ['emails'],
  ignored: (
    'schemas id meta groups password nickName profileUrl userType phoneNumbers ims photos addresses entitlements roles ' +
    'x509Certificates'
  ).split(' '),
};
export const groupShape: Shape = {
  single: ['displayName', 'externalId'],
  complex: [],
  many: ['members'],
  ignored: ['schemas', 'id', 'meta'],
};

/** A user as it goes over the wire. */
export function userResource(user: DirectoryUser, base: string): JsonObject {
  const { title, ...name } = user.kept;
  const resource: JsonObject = {
    schemas: [userSchema],
    id: user.id,
    ...(user.externalId === null ? {} : { externalId: user.externalId }),
    userName: user.userName,
    ...(Object.keys(name).length > 0 ? { name } : {}),
    displayName: user.name,
    ...(title ? { title } : {}),
    ...(user.locale === null ? {} : { preferredLanguage: user.locale }),
    ...(user.zone === null ? {} : { timezone: user.zone }),
    active: user.active,
    emails: [{ value: user.email, type: 'work', primary: true }],
    groups: user.groups.map((id) => ({ value: id, $ref: `${base}/Groups/${id}` })),
  };
  return withMeta(resource, 'User', `${base}/Users/${user.id}`, user);
}

/** A group as it goes over the wire; members stand in it where they were read. */
export function groupResource(group: DirectoryGroup, base: string): JsonObject {
  const resource: JsonObject = {
    schemas: [groupSchema],
    id: group.id,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    displayName: group.name,
    members: group.members.map(({ id, name }) => ({
      value: id,
      display: name,
      type: 'User',
      $ref: `${base}/Users/${id}`,
    })),
  };
  return withMeta(resource, 'Group', `${base}/Groups/${group.id}`, group);
}

/** The version of a resource: a hash of what it says. */
export function versionOf(resource: JsonObject): string {
  return String((resource.meta as JsonObject).version);
}

function withMeta(
  resource: JsonObject,
  resourceType: string,
  location: string,
  { createdAt, updatedAt }: { createdAt: string; updatedAt: string },
): JsonObject {
  const version = `W/"${createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 22)}"`;
  return { ...resource, meta: { resourceType, created: createdAt, lastModified: updatedAt, location, version } };
}

/** What a user resource sets; what it does not speak of stays as it is. Throws scim.value. */
export function userInput(resource: JsonObject, present: DirectoryUser | null): DirectoryUserInput {
  const userName = textIn(resource, 'userName', 254);
  if (userName === null) throw invalid('scim.value', '"userName" is needed.');
  const name = valueIn(resource, 'name');
  const parts: JsonObject = isObject(name) ? name : {};
  const kept: Record<string, string> = {};
  for (const key of ['formatted', 'givenName', 'familyName'] as const) {
    const part = textIn(parts, key, 200);
    if (part !== null) kept[key] = part;
  }
  const title = textIn(resource, 'title', 200);
  if (title !== null) kept.title = title;
  const joined = [kept.givenName, kept.familyName].filter(Boolean).join(' ');
  const active = valueIn(resource, 'active');
  return {
    userName,
    externalId: textIn(resource, 'externalId', 200),
    email: emailOf(resource, userName),
    name: (textIn(resource, 'displayName', 200) ?? kept.formatted ?? (joined || userName)).slice(0, 200),
    active: active === undefined || active === null ? (present?.active ?? true) : truthOf(active),
    locale: localeOf(resource, present),
    zone: zoneOf(resource, present),
    kept,
  };
}

/** What a group resource sets. Throws scim.value. */
export function groupInput(resource: JsonObject): DirectoryGroupInput {
  const name = textIn(resource, 'displayName', 200);
  if (name === null) throw invalid('scim.value', '"displayName" is needed.');
  const members = elementsOf(valueIn(resource, 'members')).map((member) => {
    const id = valueIn(member, 'value');
    if (typeof id !== 'string') throw invalid('scim.value', 'A member needs "value", the id of a user.');
    return id;
  });
  return { name, externalId: textIn(resource, 'externalId', 200), members };
}

/** The primary address, else that of work, else the first, else a user name that is one. */
function emailOf(resource: JsonObject, userName: string): string {
  const emails = elementsOf(valueIn(resource, 'emails')).filter(
    ({ value }) => typeof value === 'string' && value !== '',
  );
  const chosen =
    emails.find(({ primary }) => isTrue(primary)) ?? emails.find(({ type }) => type === 'work') ?? emails[0];
  const email = typeof chosen?.value === 'string' ? chosen.value : userName;
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    throw invalid('scim.value', 'A mail address is needed, in "emails" or as "userName".');
  return email;
}

function textIn(object: JsonObject, key: string, maxLength: number): string | null {
  const value = valueIn(object, key);
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw invalid('scim.value', `"${key}" must be text.`);
  if (value.length > maxLength) throw invalid('scim.value', `"${key}" may have at most ${maxLength} characters.`);
  return value.trim() === '' ? null : value.trim();
}

function truthOf(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return isTrue(value);
  throw invalid('scim.value', '"active" must be true or false.');
}

/** A language of ours where the directory names one, else as it was: people choose their own. */
function localeOf(resource: JsonObject, present: DirectoryUser | null): string | null {
  const given = textIn(resource, 'preferredLanguage', 80) ?? textIn(resource, 'locale', 80) ?? '';
  if (/^zh\b/i.test(given)) return 'zh-CN';
  return /^en\b/i.test(given) ? 'en' : (present?.locale ?? null);
}

function zoneOf(resource: JsonObject, present: DirectoryUser | null): string | null {
  const given = textIn(resource, 'timezone', 80);
  return given !== null && isZone(given) ? given : (present?.zone ?? null);
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/.test(zone);
  } catch {
    return false;
  }
}
