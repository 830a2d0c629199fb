import type { FastifyReply, FastifyRequest } from 'fastify';
import { conflict, invalid } from '../../base/errors.js';
import type { Condition } from '../../identity/index.js';
import type { Ctx } from '../../sdk/index.js';
import { ctxOf } from '../route.js';
import { parseFilter } from './filter.js';
import type { JsonObject } from './patch.js';
import { scimType } from './problem.js';
import { versionOf } from './resources.js';

/** Resources of one page at most. */
export const maxResults = 1_000;
const usualResults = 100;

/** Parameters that lists and single resources take; the last is a flag by which Entra ID asks for standard PATCH. */
export const listQuery = [
  'filter',
  'startIndex',
  'count',
  'sortBy',
  'sortOrder',
  'attributes',
  'excludedAttributes',
  'aadOptscim062020',
];
export const oneQuery = ['attributes', 'excludedAttributes', 'aadOptscim062020'];
export const writeQuery = oneQuery;

/** The address under which directories find this server. */
export function baseOf(ctx: Ctx): string {
  return ctx.mail.url('/scim/v2');
}

/** Filter and page of a list. Throws scim.filter, scim.value. */
export function pageOf(request: FastifyRequest): { filter: Condition | null; offset: number; limit: number } {
  const { filter, startIndex, count } = request.edge.query;
  const from = wholeOf('startIndex', startIndex, 1);
  const wanted = wholeOf('count', count, usualResults);
  return {
    filter: filter === undefined || filter.trim() === '' ? null : parseFilter(filter),
    offset: Math.max(1, from) - 1,
    limit: Math.min(maxResults, Math.max(0, wanted)),
  };
}

/** Sends a list. */
export function sendList(
  request: FastifyRequest,
  reply: FastifyReply,
  { total, offset, resources }: { total: number; offset: number; resources: JsonObject[] },
): void {
  send(reply, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex: offset + 1,
    itemsPerPage: resources.length,
    Resources: resources.map((resource) => projected(request, resource)),
  });
}

/** Sends a resource with its version; 304 where the asker has it already. */
export function sendResource(request: FastifyRequest, reply: FastifyReply, resource: JsonObject, status = 200): void {
  const version = versionOf(resource);
  reply.header('etag', version);
  if (status === 201) reply.header('location', String((resource.meta as JsonObject).location));
  if (request.method === 'GET' && namesVersion(request.headers['if-none-match'], version)) {
    void reply.code(304).header('cache-control', 'no-store').send();
    return;
  }
  send(reply, projected(request, resource), status);
}

/** Sends JSON of SCIM. */
export function send(reply: FastifyReply, body: JsonObject, status = 200): void {
  reply.code(status).header('content-type', scimType).header('cache-control', 'no-store');
  void reply.send(JSON.stringify(body));
}

/** Throws record.stale where If-Match names another version than the present one. */
export function checkVersion(request: FastifyRequest, present: JsonObject): void {
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && !namesVersion(wanted, versionOf(present)))
    throw conflict('record.stale', 'The resource has changed since it was read.', { hint: 'Read it again.' });
}

/** The id in the address. */
export function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

/** The body as an object. Throws scim.syntax. */
export function objectOf(request: FastifyRequest): JsonObject {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('scim.syntax', 'A JSON object is needed as body.');
  return body as JsonObject;
}

/** True where the answer would not hold this attribute: then it need not be read. */
export function isLeftOut(request: FastifyRequest, attribute: string): boolean {
  return projected(request, { [attribute]: true })[attribute] === undefined;
}

/** Context and base address of a request. */
export function scene(request: FastifyRequest): { ctx: Ctx; base: string } {
  const ctx = ctxOf(request);
  return { ctx, base: baseOf(ctx) };
}

/** What the asker wants of a resource: `attributes`, or all without `excludedAttributes`; id, schemas and meta always. */
function projected(request: FastifyRequest, resource: JsonObject): JsonObject {
  const { attributes, excludedAttributes } = request.edge.query;
  const only = namesOf(attributes);
  const without = namesOf(excludedAttributes);
  if (only === null && without === null) return resource;
  return Object.fromEntries(
    Object.entries(resource).filter(([key]) => {
      if (key === 'id' || key === 'schemas' || key === 'meta') return true;
      const name = key.toLowerCase();
      return only === null ? !without?.has(name) : only.has(name);
    }),
  );
}

function namesOf(list: string | undefined): Set<string> | null {
  if (list === undefined || list.trim() === '') return null;
  const names = list.split(',').map((name) =>
    name
      .trim()
      .replace(/^urn:ietf:params:scim:schemas:core:2\.0:(User|Group):/i, '')
      .split('.')[0]
      .toLowerCase(),
  );
  return new Set(names);
}

function namesVersion(header: string | undefined, version: string): boolean {
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '');
  return header?.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(version)) === true;
}

function wholeOf(name: string, text: string | undefined, absent: number): number {
  if (text === undefined || text === '') return absent;
  if (!/^-?\d{1,9}$/.test(text)) throw invalid('scim.value', `"${name}" must be a whole number.`);
  return Number(text);
}
