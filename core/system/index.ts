/**
 * The kernel's own plugin: users, teams, territories, principals, currencies, attachments, saved views, consents are ordinary entities.
 * Its hooks keep derived records in step; it never signs anybody in and never stores a file.
 * Invariant: every user, team and territory has a principal of the same id and name; a deleted one's is deleted.
 */
import { definePlugin } from '#sdk';
import { checkZone } from './hooks/check-zone.js';
import { guardAttachment } from './hooks/guard-attachment.js';
import { keepConsent } from './hooks/keep-consent.js';
import { nameRate } from './hooks/name-rate.js';
import { principalHooks } from './hooks/sync-principal.js';

export default definePlugin({ hooks: [...principalHooks, nameRate, checkZone, guardAttachment, keepConsent] });
