import { Controller, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT_LOG } from '../../base/tokens.js';
import { CATALOG, type CatalogService } from '../../catalog/index.js';
import {
  localizePlugin,
  localizeSettings,
  PLUGIN_HOST,
  type PluginAnswer,
  type PluginHost,
  type PluginInfo,
  type PluginSettingsInfo,
} from '../../plugin-host/index.js';
import type { AuditLog } from '../../sdk/index.js';
import { readBody, readOptionalBody, refused, textOf } from '../body.js';
import { booleanOf, choiceOf } from '../query-string.js';
import { ctxOf, Route, sendData } from '../route.js';

const policies = ['keep', 'purge'] as const;

/** The lifecycle of plugins and their settings, for administrators. What is changed is audited. */
@Controller('api/plugins')
export class PluginsController {
  constructor(
    @Inject(PLUGIN_HOST) private readonly plugins: PluginHost,
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(AUDIT_LOG) private readonly audit: AuditLog,
  ) {}

  @Get()
  @Route({ summary: 'All plugins that were found, with their state and problems', access: 'administrator' })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const plugins = await this.plugins.current();
    sendData(
      reply,
      plugins.map((info) => this.inWords(request, info)),
    );
  }

  @Post(':id/enable')
  @Route({ summary: 'Switch a plugin on', access: 'administrator' })
  async enable(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    await this.answer(request, reply, 'plugin.enabled', await this.plugins.enable(idOf(request)));
  }

  @Post(':id/disable')
  @Route({ summary: 'Switch a plugin off; its data stay', access: 'administrator' })
  async disable(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    await this.answer(request, reply, 'plugin.disabled', await this.plugins.disable(idOf(request)));
  }

  @Post(':id/install')
  @Route({ summary: 'Take an uninstalled plugin in again, with the data that were kept', access: 'administrator' })
  async install(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readOptionalBody(request, []);
    await this.answer(request, reply, 'plugin.installed', await this.plugins.install(idOf(request)));
  }

  @Post(':id/uninstall')
  @Route({
    summary:
      'Leave a plugin out from now on; its data are kept, or dropped after a confirmation. ?plan=true only tells what would happen',
    access: 'administrator',
    query: ['plan', 'policy'],
    bodySchema: {
      type: 'object',
      properties: {
        policy: { type: 'string', enum: [...policies], description: 'Absent: what the plugin says, usually keep' },
        confirm: { type: 'string', description: 'The id of the plugin; needed where data are dropped' },
      },
    },
  })
  async uninstall(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request);
    const body = readOptionalBody(request, ['policy', 'confirm']);
    const given = textOf(body, 'policy');
    if (given !== undefined && !policies.includes(given as (typeof policies)[number]))
      throw refused('policy', 'field.choice', `"policy" must be one of ${policies.join(', ')}.`);
    const policy = (given as (typeof policies)[number] | undefined) ?? choiceOf(request.edge.query, 'policy', policies);
    if (booleanOf(request.edge.query, 'plan')) return sendData(reply, await this.plugins.planUninstall(id, policy));
    const info = await this.plugins.uninstall(id, { policy, confirm: textOf(body, 'confirm') });
    await this.answer(request, reply, 'plugin.uninstalled', info, { policy: policy ?? info.uninstall });
  }

  @Get(':id/settings')
  @Route({
    summary: 'Settings of a plugin: their description, their values, and which were set',
    access: 'administrator',
  })
  async settings(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, this.settingsInWords(request, await this.plugins.settings(idOf(request))));
  }

  @Patch(':id/settings')
  @Route({
    summary: 'Change settings of a plugin; null goes back to the default',
    access: 'administrator',
    bodySchema: { type: 'object', description: 'Values by key, as the settings are described' },
  })
  async changeSettings(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request);
    const patch = readBody(request, null);
    const after = await this.plugins.changeSettings(id, patch);
    await this.note(request, 'plugin.settingsChanged', { id, keys: Object.keys(patch) });
    sendData(reply, this.settingsInWords(request, after));
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: string,
    info: PluginInfo,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.note(request, kind, { id: info.id, version: info.version, ...more });
    sendData(reply, this.inWords(request, info));
  }

  private inWords(request: FastifyRequest, info: PluginInfo): PluginAnswer {
    return localizePlugin(info, this.catalog.current, ctxOf(request).locale);
  }

  private settingsInWords(request: FastifyRequest, settings: PluginSettingsInfo): PluginSettingsInfo {
    const info = this.plugins.list().find(({ id }) => id === idOf(request));
    return info ? localizeSettings(settings, info, this.catalog.current, ctxOf(request).locale) : settings;
  }

  private async note(request: FastifyRequest, kind: string, payload: Record<string, string | string[]>): Promise<void> {
    const { actor } = ctxOf(request);
    await this.audit.append(null, {
      kind,
      actor: actor.kind === 'user' ? actor.userId : null,
      requestId: request.id,
      payload,
    });
  }
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
