import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { missing } from '../../base/errors.js';
import { Route } from '../route.js';

/** Where Swagger UI was installed; served from here, never from elsewhere. */
const home = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** A page that shows the API's description and lets people try it. It holds nothing secret; what it loads needs a sign-in. */
@Controller('api/docs')
export class DocsController {
  @Get()
  @Route({ summary: 'This API, to read and try', access: 'public', isHidden: true })
  page(@Res() reply: FastifyReply): void {
    void reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache').send(html);
  }

  @Get(':asset')
  @Route({ summary: 'A part of the page', access: 'public', isHidden: true })
  async asset(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { asset } = request.params as { asset: string };
    reply.header('cache-control', 'public, max-age=86400');
    if (asset === 'start.js') return void reply.header('content-type', 'text/javascript; charset=utf-8').send(script);
    if (asset === 'page.css') return void reply.header('content-type', 'text/css; charset=utf-8').send(style);
    if (!Object.hasOwn(assets, asset)) throw missing('route.not_found', 'There is nothing at this address.');
    await reply.header('content-type', assets[asset]).send(createReadStream(join(home, asset)));
  }
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/page.css">
</head>
<body>
<main id="docs"></main>
<p id="sign-in" hidden>Sign in first: <a href="/">go to the application</a>, then come back. The description shows what you may use.</p>
<noscript>The description itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

const style = `body{margin:0}#sign-in{font:16px/1.5 system-ui,sans-serif;padding:48px;text-align:center}#sign-in[hidden]{display:none}`;

const script = `fetch('/api/openapi.json').then(async (answer) => {
  if (!answer.ok) { document.getElementById('sign-in').hidden = false; return; }
  SwaggerUIBundle({ spec: await answer.json(), dom_id: '#docs', deepLinking: true, docExpansion: 'none', validatorUrl: null, persistAuthorization: false, syntaxHighlight: false });
});
`;
