import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT, type Audit } from '../../audit/index.js';
import { CATALOG, CHANGES, type CatalogService, type Changes } from '../../catalog/index.js';
import {
  exportWorkspace,
  openWorkspacePackage,
  PLUGIN_HOST,
  publishPlugin,
  type PluginHost,
} from '../../plugin-host/index.js';
import { integerIn, readBody, textOf } from '../body.js';
import { booleanOf } from '../query-string.js';
import { ctxOf, Route, sendData } from '../route.js';

/** The workspace as files, and plugins without code that come as files. For administrators. */
@Controller('api')
export class PackagesController {
  constructor(
    @Inject(CHANGES) private readonly changes: Changes,
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(PLUGIN_HOST) private readonly plugins: PluginHost,
    @Inject(AUDIT) private readonly audit: Audit,
  ) {}

  @Get('catalog/package')
  @Route({ summary: 'The workspace layer as a package: path → document', access: 'administrator' })
  export(@Res() reply: FastifyReply): void {
    sendData(reply, exportWorkspace(this.catalog.current));
  }

  @Post('catalog/package')
  @Route({
    summary: 'Install a workspace package into this workspace, or with plan=true say what that would do',
    access: 'administrator',
    query: ['plan'],
    isLarge: true,
  })
  async install(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['manifest', 'files', 'reason', 'epoch']);
    const input = {
      documents: openWorkspacePackage(body),
      reason: textOf(body, 'reason') ?? 'Installs a workspace package',
      epoch: integerIn(body, 'epoch'),
    };
    const ctx = ctxOf(request);
    if (booleanOf(request.edge.query, 'plan')) return sendData(reply, await this.changes.planInstall(ctx, input));
    sendData(reply, await this.changes.installDocuments(ctx, input, { audit: this.audit }));
  }

  @Post('catalog/publish')
  @Route({ summary: 'The workspace layer as a plugin with keys of its own', access: 'administrator' })
  publish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const body = readBody(request, ['id', 'version', 'title']);
    const text = (key: string): string => textOf(body, key, { isRequired: true });
    sendData(
      reply,
      publishPlugin(this.catalog.current, { id: text('id'), version: text('version'), title: text('title') }),
    );
  }

  @Post('plugins/install')
  @Route({
    summary: 'Install a plugin without code, or another version of it, or with plan=true say what that would do',
    access: 'administrator',
    query: ['plan'],
    isLarge: true,
  })
  async installPlugin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const bundle = readBody(request, ['files']);
    if (booleanOf(request.edge.query, 'plan')) return sendData(reply, await this.plugins.planPackage(bundle));
    const { actor } = ctxOf(request);
    const by = actor.kind === 'user' ? actor.userId : null;
    const info = await this.plugins.installPackage(bundle, by);
    await this.audit.append(null, {
      kind: 'plugin.installed',
      actor: by,
      requestId: request.id,
      payload: { id: info.id, version: info.version, origin: info.origin },
    });
    sendData(reply, info);
  }
}
