import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The built admin, ready to be served. */
export interface AdminUi {
  /** Answers a request for one of its files or pages; false where it is neither. */
  serve(request: FastifyRequest, reply: FastifyReply): boolean;
}

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  /** Size by encoding; the plain file is ''. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Folder of the built admin, seen from the sources and from `dist/`; null where it is not built. */
export function findAdminUi(): string | null {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, '..', '..', 'admin-ui'), join(here, '..', '..', 'dist', 'admin-ui')];
  return (
    candidates.find((folder) => folder.includes(`${sep}dist${sep}`) && existsSync(join(folder, 'index.html'))) ?? null
  );
}

/** Lists the files once: what is not on the list does not exist, so no address can lead out of the folder. */
export function openAdminUi(folder: string): AdminUi {
  const assets = listAssets(folder);
  return {
    serve(request, reply) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      const path = decodePath(request.raw.url ?? '/');
      const asset =
        assets.get(path) ?? (isPagePath(path, request.headers.accept ?? '') ? assets.get('/index.html') : undefined);
      if (asset === undefined) return false;
      sendAsset(request, reply, asset);
      return true;
    },
  };
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): void {
  reply
    .code(200)
    .header('etag', asset.etag)
    .header('cache-control', asset.cacheControl)
    .header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === asset.etag) return void reply.code(304).send();
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const encoding =
    ['br', 'gzip'].find((name) => asset.sizes.has(name) && new RegExp(`\\b${name}\\b`).test(accepted)) ?? '';
  if (encoding !== '') reply.header('content-encoding', encoding);
  reply.header('content-type', asset.type).header('content-length', asset.sizes.get(encoding));
  if (request.method === 'HEAD') return void reply.send('');
  void reply.send(createReadStream(asset.path + (extensions[encoding] ?? '')));
}

function listAssets(folder: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    const found = statSync(path);
    const type = types[extname(name)];
    if (!found.isFile() || type === undefined) continue;
    const sizes = new Map([['', found.size]]);
    for (const [encoding, extension] of Object.entries(extensions))
      if (existsSync(path + extension)) sizes.set(encoding, statSync(path + extension).size);
    const address = `/${relative(folder, path).split(sep).join('/')}`;
    const etag = `"${createHash('sha256').update(readFileSync(path)).digest('base64url').slice(0, 22)}"`;
    assets.set(address, {
      path,
      type,
      etag,
      cacheControl: address.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      sizes,
    });
  }
  return assets;
}

/** A page that the admin's own router knows: not the API, not a file, asked for by a browser. */
function isPagePath(path: string, accept: string): boolean {
  if (path === '/api' || path.startsWith('/api/') || path === '/metrics') return false;
  return (
    (accept.includes('text/html') || accept.includes('*/*') || accept === '') &&
    !/\.(js|mjs|css|map|png|svg|ico|woff2?|json|txt|webmanifest)$/.test(path)
  );
}

function decodePath(url: string): string {
  const path = url.split('?', 1)[0];
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const extensions: Readonly<Record<string, string>> = { br: '.br', gzip: '.gz' };

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
};
