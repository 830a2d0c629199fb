import { Module } from '@nestjs/common';
import { createHooks, HOOKS } from './hooks.js';

@Module({ providers: [{ provide: HOOKS, useFactory: createHooks }], exports: [HOOKS] })
export class HooksModule {}
