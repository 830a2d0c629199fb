import type { JsonObject } from './patch.js';
import { groupSchema, userSchema } from './resources.js';

interface Attribute {
  readonly name: string;
  readonly description: string;
  readonly type?: 'string' | 'boolean' | 'complex' | 'reference';
  readonly required?: boolean;
  readonly exact?: boolean;
  readonly mutability?: 'readOnly' | 'readWrite' | 'immutable';
  readonly uniqueness?: 'none' | 'server';
  readonly many?: boolean;
  readonly parts?: readonly Attribute[];
}

const user: readonly Attribute[] = [
  { name: 'userName', description: 'Name in the directory.', required: true, uniqueness: 'server' },
  {
    name: 'name',
    description: 'Parts of the name.',
    type: 'complex',
    parts: [
      { name: 'formatted', description: 'Whole name.' },
      { name: 'givenName', description: 'Given name.' },
      { name: 'familyName', description: 'Family name.' },
    ],
  },
  { name: 'displayName', description: 'Name as colleagues see it.' },
  { name: 'title', description: 'Job title.' },
  { name: 'preferredLanguage', description: 'en or zh-CN; another one leaves the user’s own choice.' },
  { name: 'timezone', description: 'IANA name, e.g. Europe/Berlin.' },
  { name: 'active', description: 'False: suspended; sessions and keys end at once.', type: 'boolean' },
  {
    name: 'emails',
    description: 'The primary one is the sign-in address; no other is kept.',
    type: 'complex',
    many: true,
    parts: [
      { name: 'value', description: 'Address.' },
      { name: 'type', description: 'Always work.' },
      { name: 'primary', description: 'Always true.', type: 'boolean' },
    ],
  },
  {
    name: 'groups',
    description: 'Teams of the user.',
    type: 'complex',
    many: true,
    mutability: 'readOnly',
    parts: [
      { name: 'value', description: 'Id of the group.', mutability: 'readOnly', exact: true },
      { name: '$ref', description: 'Address of the group.', type: 'reference', mutability: 'readOnly', exact: true },
    ],
  },
];

const group: readonly Attribute[] = [
  { name: 'displayName', description: 'Name of the team.', required: true, uniqueness: 'server' },
  {
    name: 'members',
    description: 'People in the team.',
    type: 'complex',
    many: true,
    parts: [
      { name: 'value', description: 'Id of the user.', mutability: 'immutable', exact: true },
      { name: 'display', description: 'Name of the user.', mutability: 'readOnly' },
      { name: '$ref', description: 'Address of the user.', type: 'reference', mutability: 'immutable', exact: true },
    ],
  },
];

/** The schemas of users and groups, as RFC 7643 §7 describes one. */
export function schemas(base: string): JsonObject[] {
  return [
    schema(base, userSchema, 'User', 'A person who signs in', user),
    schema(base, groupSchema, 'Group', 'A team', group),
  ];
}

/** Kinds of resources (RFC 7643 §6). */
export function resourceTypes(base: string): JsonObject[] {
  const make = (name: string, endpoint: string, id: string): JsonObject => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint,
    schema: id,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  });
  return [make('User', '/Users', userSchema), make('Group', '/Groups', groupSchema)];
}

/** What this server can do (RFC 7643 §5). */
export function serviceProvider(base: string, maxResults: number): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'API key',
        description: 'The key of a service account with the scope scim, as a bearer token.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

function schema(
  base: string,
  id: string,
  name: string,
  description: string,
  attributes: readonly Attribute[],
): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    description,
    attributes: attributes.map(describe),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  };
}

function describe(attribute: Attribute): JsonObject {
  const { name, description, type = 'string', required = false, exact = false } = attribute;
  return {
    name,
    type,
    multiValued: attribute.many === true,
    description,
    required,
    caseExact: exact,
    mutability: attribute.mutability ?? 'readWrite',
    returned: 'default',
    uniqueness: attribute.uniqueness ?? 'none',
    ...(attribute.parts ? { subAttributes: attribute.parts.map(describe) } : {}),
  };
}
