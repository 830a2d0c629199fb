import { Controller, Delete, Get, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IDENTITY, type Identity } from '../../identity/index.js';
import { booleanIn, readBody, textOf, textsOf } from '../body.js';
import { ctxOf, Route, sendData } from '../route.js';

const passwordSchema = { type: 'object', required: ['password'], properties: { password: { type: 'string' } } };

/** One's own second factor; taking a lost one off somebody, and who must have one, for administrators. */
@Controller('api')
export class SecondFactorController {
  constructor(@Inject(IDENTITY) private readonly identity: Identity) {}

  @Get('session/totp')
  @Route({
    summary: 'Whether codes of an app are on, demanded, and how many recovery codes are left',
    isOpenBeforeSecondFactor: true,
  })
  async status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.secondFactor.status(ctxOf(request)));
  }

  @Post('session/totp')
  @Route({
    summary:
      'Begin with codes of an app (RFC 6238): a secret, and the address for a QR code; it counts once it is confirmed',
    bodySchema: passwordSchema,
    isOpenBeforeSecondFactor: true,
  })
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.secondFactor.begin(ctxOf(request), confirmationOf(request)));
  }

  @Post('session/totp/confirm')
  @Route({
    summary: 'Switch codes of an app on by the first code; answers ten recovery codes, told once',
    bodySchema: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
    isOpenBeforeSecondFactor: true,
  })
  async confirm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['code']);
    const code = textOf(body, 'code', { isRequired: true });
    sendData(reply, await this.identity.secondFactor.confirm(ctxOf(request), { code, address: request.ip }));
  }

  @Post('session/totp/recovery-codes')
  @Route({ summary: 'Ten new recovery codes; the earlier ones end', bodySchema: passwordSchema })
  async renewCodes(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.secondFactor.renewCodes(ctxOf(request), confirmationOf(request)));
  }

  @Post('session/totp/end')
  @Route({ summary: 'Switch codes of an app off', bodySchema: passwordSchema })
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.secondFactor.end(ctxOf(request), confirmationOf(request));
    void reply.code(204).send();
  }

  @Delete('users/:id/totp')
  @Route({
    summary: 'Take a lost second factor off a user; ends the user’s sessions and keys',
    access: 'administrator',
  })
  async clear(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.identity.secondFactor.clear(ctxOf(request), { userId: (request.params as { id: string }).id });
    void reply.code(204).send();
  }

  @Get('sign-in/policy')
  @Route({ summary: 'What is demanded of whoever signs in by password', access: 'administrator' })
  async readPolicy(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendData(reply, await this.identity.readPolicy(ctxOf(request)));
  }

  @Patch('sign-in/policy')
  @Route({
    summary: 'Change what is demanded at sign-in; it counts at once, for open sessions too',
    access: 'administrator',
    bodySchema: {
      type: 'object',
      properties: {
        secondFactorRoles: { type: 'array', items: { type: 'string' } },
        impersonation: { type: 'boolean', description: 'Administrators may act as users.' },
      },
    },
  })
  async changePolicy(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = readBody(request, ['secondFactorRoles', 'impersonation']);
    const secondFactorRoles = textsOf(body, 'secondFactorRoles');
    const impersonation = booleanIn(body, 'impersonation');
    sendData(reply, await this.identity.changePolicy(ctxOf(request), { secondFactorRoles, impersonation }));
  }
}

function confirmationOf(request: FastifyRequest): { password: string; address: string } {
  const body = readBody(request, ['password']);
  return { password: textOf(body, 'password', { isRequired: true }), address: request.ip };
}
