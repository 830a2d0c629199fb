import { Controller, Delete, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IDENTITY, type Identity, type ProviderSettings } from '../../identity/index.js';
import { booleanIn, readBody, refused, textOf, textsOf, type Body } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

const keys = [
  'id',
  'title',
  'issuer',
  'clientId',
  'clientSecret',
  'scopes',
  'groupClaim',
  'roleMap',
  'defaultRoles',
  'domains',
  'makesUsers',
  'linksUsers',
  'active',
];
const bodySchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    title: { type: 'string' },
    issuer: { type: 'string', format: 'uri' },
    clientId: { type: 'string' },
    clientSecret: { type: ['string', 'null'], description: 'Never told again; null: a public client.' },
    scopes: { type: 'string', description: 'Beside openid.' },
    groupClaim: { type: ['string', 'null'] },
    roleMap: { type: 'object', additionalProperties: { type: 'string' } },
    defaultRoles: { type: 'array', items: { type: 'string' } },
    domains: { type: 'array', items: { type: 'string' } },
    makesUsers: { type: 'boolean' },
    linksUsers: { type: 'boolean' },
    active: { type: 'boolean' },
  },
};

/** The providers at which people may sign in, for administrators. */
@Controller('api/sign-in/providers')
export class ProvidersController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Get()
  @Route({ summary: 'Providers of sign-in by OpenID Connect, without the secrets', access: 'administrator' })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.providers.list(ctxOf(request)));
  }

  @Post()
  @Route({ summary: 'Add a provider of sign-in', access: 'administrator', bodySchema })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, keys);
    const required = (key: string): string => textOf(body, key, { isRequired: true });
    const made = await this.identity.providers.create(ctxOf(request), {
      scopes: 'email profile',
      groupClaim: null,
      roleMap: {},
      defaultRoles: ['core.member'],
      domains: [],
      makesUsers: false,
      linksUsers: false,
      active: true,
      ...changeIn(body),
      id: required('id'),
      title: required('title'),
      issuer: required('issuer'),
      clientId: required('clientId'),
      clientSecret: textOf(body, 'clientSecret') ?? null,
    });
    sendData(reply, made, 201);
  }

  @Patch(':id')
  @Route({
    summary: 'Change a provider of sign-in; a secret that is left out stays',
    access: 'administrator',
    bodySchema,
  })
  async update(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, keys.slice(1));
    const change = {
      ...changeIn(body),
      ...(body.clientSecret === undefined ? {} : { clientSecret: textOf(body, 'clientSecret') ?? null }),
    };
    sendData(reply, await this.identity.providers.update(ctxOf(request), { id: idOf(request), change }));
  }

  @Delete(':id')
  @Route({ summary: 'Remove a provider of sign-in; its users stay', access: 'administrator' })
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.providers.remove(ctxOf(request), { id: idOf(request) });
    void reply.code(204).send();
  }
}

type Change = { -readonly [Key in keyof ProviderSettings]?: ProviderSettings[Key] };

/** The settings that a body names. */
function changeIn(body: Body): Change {
  const change: Change = {};
  for (const key of ['title', 'issuer', 'clientId', 'scopes'] as const)
    if (body[key] !== undefined) change[key] = textOf(body, key, { isRequired: true });
  if (body.groupClaim !== undefined) change.groupClaim = textOf(body, 'groupClaim') || null;
  for (const key of ['defaultRoles', 'domains'] as const) {
    const texts = textsOf(body, key);
    if (texts !== undefined) change[key] = texts.map((text) => (key === 'domains' ? text.trim().toLowerCase() : text));
  }
  for (const key of ['makesUsers', 'linksUsers', 'active'] as const) {
    const value = booleanIn(body, key);
    if (value !== undefined) change[key] = value;
  }
  if (body.roleMap !== undefined) change.roleMap = roleMapIn(body);
  return change;
}

function roleMapIn(body: Body): Record<string, string> {
  const value = body.roleMap;
  const isMap =
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.values(value).every((role) => typeof role === 'string');
  if (!isMap) throw refused('roleMap', 'field.type', '"roleMap" must be an object: group → id of a role.');
  return value as Record<string, string>;
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
