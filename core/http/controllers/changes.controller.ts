import { Controller, Delete, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUDIT, type Audit } from '../../audit/index.js';
import { invalid } from '../../base/errors.js';
import { CHANGES, type ChangeInput, type Changes, type RevertInput } from '../../catalog/index.js';
import { RECORDS, type Records } from '../../records/index.js';
import { booleanIn, integerIn, readBody, readOptionalBody, textOf, type Body } from '../body.js';
import { booleanOf, choiceOf, integerOf } from '../query-string.js';
import { ctxOf, Route, sendData, sendJson } from '../route.js';
import { changeSchema, draftPatchSchema, draftSchema } from '../openapi/studio-bodies.js';

const changeKeys = ['reason', 'operations', 'epoch', 'basis', 'onBroken', 'draft', 'draftSeen'];

/** Change sets of the workspace layer, for administrators. */
@Controller('api/catalog')
export class ChangesController {
  constructor(
    @Inject(CHANGES) private readonly changes: Changes,
    @Inject(AUDIT) private readonly audit: Audit,
    @Inject(RECORDS) private readonly records: Records,
  ) {}

  @Post('plan')
  @Route({
    summary: 'What a change set would do; nothing is changed',
    access: 'administrator',
    isLarge: true,
    bodySchema: changeSchema,
  })
  async plan(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.changes.planChange(ctxOf(request), changeOf(readBody(request, changeKeys))));
  }

  @Post('plan/access')
  @Route({
    summary: 'Who would see and may do more or less after a change set; nothing is changed',
    access: 'administrator',
    isLarge: true,
    bodySchema: changeSchema,
  })
  async planAccess(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const ctx = ctxOf(request);
    const pair = await this.changes.previewCatalog(ctx, changeOf(readBody(request, changeKeys)));
    if (pair === null)
      throw invalid(
        'change.refused',
        'The change set does not fit, so that nothing can be said about access after it.',
        {
          hint: 'Plan it first: POST /api/catalog/plan tells what is wrong.',
        },
      );
    sendData(reply, await this.records.compareAccess(ctx, pair));
  }

  @Post('apply')
  @Route({
    summary: 'Apply a change set, whole or not at all',
    access: 'administrator',
    isLarge: true,
    bodySchema: changeSchema,
  })
  async apply(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const input = changeOf(readBody(request, changeKeys));
    sendData(reply, await this.changes.applyChange(ctxOf(request), input, { audit: this.audit }));
  }

  @Get('changes')
  @Route({ summary: 'Change sets, newest first', access: 'administrator', query: ['state', 'limit', 'after'] })
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const answer = await this.changes.listChanges({
      state: choiceOf(query, 'state', ['draft', 'preparing', 'applied', 'reverted'] as const),
      limit: integerOf(query, 'limit', { min: 1, max: 500 }),
      after: query.after,
    });
    sendJson(reply, JSON.stringify(answer));
  }

  @Get('changes/:id')
  @Route({ summary: 'One change set', access: 'administrator' })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.changes.getChange(idOf(request)));
  }

  @Post('changes/:id/revert')
  @Route({
    summary: 'Take a change set back, or with plan=true say what that would do',
    access: 'administrator',
    query: ['plan'],
  })
  async revert(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readOptionalBody(request, ['reason', 'epoch', 'overwrite', 'onBroken']);
    const input: RevertInput = {
      id: idOf(request),
      reason: textOf(body, 'reason'),
      epoch: integerIn(body, 'epoch'),
      overwrite: booleanIn(body, 'overwrite'),
      onBroken: textOf(body, 'onBroken') as RevertInput['onBroken'],
    };
    const ctx = ctxOf(request);
    if (booleanOf(request.edge.query, 'plan')) sendData(reply, await this.changes.planRevert(ctx, input));
    else sendData(reply, await this.changes.revertChange(ctx, input, { audit: this.audit }));
  }

  @Get('drafts')
  @Route({ summary: 'Drafts of change sets, newest first', access: 'administrator', query: ['limit', 'after'] })
  async listDrafts(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { query } = request.edge;
    const limit = integerOf(query, 'limit', { min: 1, max: 500 });
    sendJson(reply, JSON.stringify(await this.changes.listChanges({ state: 'draft', limit, after: query.after })));
  }

  @Post('drafts')
  @Route({ summary: 'Keep operations for later', access: 'administrator', isLarge: true, bodySchema: draftSchema })
  async createDraft(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { reason, operations, basis } = changeOf(readBody(request, ['reason', 'operations', 'basis']));
    sendData(reply, await this.changes.createDraft(ctxOf(request), { reason, operations, basis }), 201);
  }

  @Patch('drafts/:id')
  @Route({ summary: 'Change a draft', access: 'administrator', isLarge: true, bodySchema: draftPatchSchema })
  async updateDraft(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['reason', 'operations', 'basis', 'seen']);
    const { reason, operations, basis } = changeOf(body);
    const input = { id: idOf(request), reason, operations, basis, seen: textOf(body, 'seen') };
    sendData(reply, await this.changes.updateDraft(ctxOf(request), input));
  }

  @Delete('drafts/:id')
  @Route({ summary: 'Throw away a draft, or a change set that is still being prepared', access: 'administrator' })
  async deleteDraft(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.changes.deleteDraft(idOf(request));
    void reply.code(204).send();
  }
}

/** What the operations are is checked by the catalog, which names each fault. */
function changeOf(body: Body): ChangeInput {
  return {
    reason: body.reason as string,
    operations: body.operations as unknown as ChangeInput['operations'],
    epoch: integerIn(body, 'epoch'),
    basis: body.basis as ChangeInput['basis'],
    onBroken: body.onBroken as ChangeInput['onBroken'],
    draft: textOf(body, 'draft'),
    draftSeen: textOf(body, 'draftSeen'),
  };
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
