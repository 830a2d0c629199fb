/**
 * Mails: a queue in the database, filled in the transaction of whatever causes them, and emptied by a job through SMTP.
 * Owns trellis.mail. It never sends from within a request, never over a server that the configuration does not name, and never
 * shows the contents of a mail.
 * Invariants: a mail is handed to a server at most once for each time somebody asked for it; contents are encrypted until
 * they are sent and gone afterwards; addresses in mails come from the configuration.
 */
export { createMail, type MailDeps } from './create-mail.js';
export { readMailbox } from './address.js';
export { renderLetter, type Letter } from './compose.js';
export { mailTraces } from './traces.js';
export { MailModule } from './mail.module.js';
export { MAIL, type Mail, type MailInfo, type MailState, type MailStatus } from './types.js';
