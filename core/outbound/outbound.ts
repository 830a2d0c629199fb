import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { conflict, denied, invalid, limited } from '../base/errors.js';
import type { FetchAnswer, FetchInput } from '../sdk/index.js';
import { isPublicAddress } from './addresses.js';

const redirectLimit = 3;
const usualTimeoutMs = 10_000;
const longestTimeoutMs = 60_000;
const usualBytes = 1_048_576;
const mostBytes = 20_971_520;
const harmlessHeaders = ['accept', 'accept-language', 'content-type', 'user-agent'];

export interface OutboundOptions {
  /** `host` or `host:port` within one's own network that may be called all the same. */
  readonly allowed: readonly string[];
  /** Finds the addresses of a name; given in tests. */
  readonly lookup?: (name: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;
}

/** Calls servers elsewhere. */
export interface Outbound {
  /** Throws outbound.bad_request, outbound.refused, outbound.failed, outbound.too_large. */
  fetch(input: FetchInput, signal: AbortSignal): Promise<FetchAnswer>;
}

/** Makes the one way out. */
export function createOutbound(options: OutboundOptions): Outbound {
  return {
    async fetch(input, signal) {
      const timeoutMs = Math.min(input.timeoutMs ?? usualTimeoutMs, longestTimeoutMs);
      const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      let next: Call = {
        url: readUrl(input.url),
        method: input.method ?? 'GET',
        headers: readHeaders(input.headers ?? {}),
        body: input.body,
      };
      for (let hops = 0; ; hops++) {
        const answer = await call(options, next, {
          signal: until,
          maxBytes: Math.min(input.maxBytes ?? usualBytes, mostBytes),
        });
        const to = [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.location : undefined;
        if (to === undefined) return answer;
        if (hops === redirectLimit) throw failed(next.url, 'it sends from one address to the next');
        next = follow(next, to, answer.status);
      }
    },
  };
}

interface Call {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw invalid('outbound.bad_request', 'An address of http or https without a password in it is needed.');
  return url;
}

/** Names in small letters; those that belong to the connection are not the caller's. */
function readHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const headers = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  const wrong = headers.find(
    ([name, value]) =>
      !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) ||
      /[\r\n\0]/.test(value) ||
      ['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer'].includes(name),
  );
  if (wrong) throw invalid('outbound.bad_request', `The header "${wrong[0].slice(0, 60)}" cannot be sent.`);
  return Object.fromEntries(headers);
}

/** Where a redirect leads: to another origin without what was meant for the first, and as browsers do it without the body. */
function follow({ url, method, headers, body }: Call, location: string, status: number): Call {
  const to = readUrl(location, url);
  // Keys go by many names: another origin is told what says nothing of us.
  const harmless = Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessHeaders.includes(name)));
  const kept = to.origin === url.origin ? headers : harmless;
  if (status === 307 || status === 308) return { url: to, method, headers: kept, body };
  return { url: to, method: method === 'HEAD' ? 'HEAD' : 'GET', headers: kept };
}

async function call(
  options: OutboundOptions,
  { url, method, headers, body }: Call,
  { signal, maxBytes }: { signal: AbortSignal; maxBytes: number },
): Promise<FetchAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isAllowed = [host, `${host}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`].some((each) =>
    options.allowed.includes(each),
  );
  if (!isAllowed && isIP(host) !== 0 && !isPublicAddress(host)) throw refused(url);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const answer = await new Promise<IncomingMessage>((done, fail) => {
    const sent = send(
      url,
      {
        method,
        headers: { 'user-agent': 'Trellis', ...headers, 'accept-encoding': 'identity' },
        signal,
        // A connection of its own: one that stands was checked for somebody else's call.
        agent: false,
        lookup: isAllowed ? undefined : checkedLookup(options),
      },
      done,
    );
    sent.on('error', (error) => fail(isRefusal(error) ? refused(url) : failed(url, 'it cannot be reached', error)));
    sent.end(body);
  });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw limited('outbound.too_large', `${url.hostname} answered more than ${maxBytes} bytes.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (size > maxBytes) throw error;
    throw failed(url, 'its answer broke off', error);
  } finally {
    answer.destroy();
  }
  const told = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(told) as Record<string, string>,
    body: Buffer.concat(chunks),
    url: url.href,
  };
}

const refusalCode = 'ERR_TRELLIS_ADDRESS';

/** Looks a name up for the connection itself, so that no other answer can come between the check and the call. */
function checkedLookup({ lookup = resolveAll }: OutboundOptions): LookupFunction {
  return (name, { all }, done) =>
    lookup(name, (error, addresses) => {
      const refusal = Object.assign(new Error('no address of the internet'), { code: refusalCode });
      if (error) return done(error as NodeJS.ErrnoException, '');
      // One that leads inside is enough: a name of the internet has none.
      if (addresses.length === 0 || addresses.some(({ address }) => !isPublicAddress(address)))
        return done(refusal, '');
      if (all) return (done as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses);
      done(null, addresses[0].address, addresses[0].family);
    });
}

function resolveAll(name: string, done: (error: Error | null, addresses: LookupAddress[]) => void): void {
  resolve(name, { all: true }, (error, addresses) => done(error, addresses ?? []));
}

function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown }).code === refusalCode;
}

function refused(url: URL): Error {
  return denied('outbound.refused', `${url.hostname} is no server of the internet.`, {
    hint: 'The operator may allow hosts of the own network by TRELLIS_OUTBOUND_HOSTS.',
  });
}

function failed(url: URL, why: string, cause?: unknown): Error {
  return conflict('outbound.failed', `${url.hostname} gave no answer: ${why}.`, { cause });
}
