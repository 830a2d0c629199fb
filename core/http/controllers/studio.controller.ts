import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT, type Audit } from '../../audit/index.js';
import { CATALOG, CHANGES, type CatalogService, type Changes } from '../../catalog/index.js';
import { invalid } from '../../base/errors.js';
import { answerExpression } from '../catalog/check-expression.js';
import { integerIn, readBody, textOf } from '../body.js';
import { booleanOf } from '../query-string.js';
import { ctxOf, Route, sendData } from '../route.js';

/** What Studio asks beside change sets: whole definitions with their origins, conflicts of upgrades, expressions. */
@Controller('api/catalog')
export class StudioController {
  constructor(
    @Inject(CHANGES) private readonly changes: Changes,
    @Inject(CATALOG) private readonly catalog: CatalogService,
    @Inject(AUDIT) private readonly audit: Audit,
  ) {}

  @Get('definitions')
  @Route({ summary: 'Effective definitions of a type', access: 'administrator', query: ['type'] })
  async definitions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { type } = request.edge.query;
    if (type === undefined) throw invalid('request.parameter', 'The parameter "type" is needed, e.g. type=entity.');
    sendData(reply, await this.changes.listDefinitions(type));
  }

  @Get('definitions/:type/:id')
  @Route({
    summary: 'One effective definition, with where each property comes from and what uses it',
    access: 'administrator',
  })
  async definition(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { type, id } = request.params as { type: string; id: string };
    sendData(reply, await this.changes.getDefinition(type, id));
  }

  @Get('conflicts')
  @Route({
    summary: 'Conflicts of upgrades with changes of the workspace, undecided ones first',
    access: 'administrator',
  })
  async conflicts(@Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.changes.listConflicts());
  }

  @Post('conflicts/:id')
  @Route({
    summary: 'Choose a side of a conflict, local or vendor; with plan=true say what that would do',
    access: 'administrator',
    query: ['plan'],
  })
  async decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { id } = request.params as { id: string };
    const choice = textOf(readBody(request, ['choice']), 'choice', { isRequired: true });
    if (choice !== 'local' && choice !== 'vendor')
      throw invalid('conflict.choice', 'The choice must be local or vendor.', {
        issues: [{ path: '/choice', code: 'conflict.choice', message: 'must be local or vendor' }],
      });
    if (booleanOf(request.edge.query, 'plan')) return sendData(reply, await this.changes.planDecision({ id, choice }));
    sendData(reply, await this.changes.decideConflict(ctxOf(request), { id, choice }, { audit: this.audit }));
  }

  @Get('work')
  @Route({
    summary: 'What jobs have still to do in the tables after changes, and what failed',
    access: 'administrator',
  })
  async work(@Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.changes.listWork());
  }

  @Post('check-expression')
  @Route({ summary: 'Check an expression, complete its names, try it on a record', access: 'administrator' })
  async checkExpression(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['entity', 'expression', 'type', 'record', 'at']);
    const question = {
      entity: textOf(body, 'entity', { isRequired: true }),
      expression: textOf(body, 'expression', { isRequired: true }),
      type: textOf(body, 'type'),
      record: textOf(body, 'record'),
      at: integerIn(body, 'at'),
    };
    sendData(reply, await answerExpression({ catalog: this.catalog.current }, ctxOf(request), question));
  }
}
