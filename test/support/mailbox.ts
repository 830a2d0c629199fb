import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it arrived. */
export interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly mail: Email;
}

/** A real SMTP server of the test's own. */
export interface Mailbox {
  /** For TRELLIS_SMTP_URL. */
  readonly url: string;
  readonly arrived: readonly Arrived[];
  /** The first mail, present or coming, that fits. */
  next(fits: (arrived: Arrived) => boolean, timeoutMs?: number): Promise<Arrived>;
  /** The mails themselves. */
  readonly letters: readonly Email[];
  /** The first (second …) mail to an address, present or coming. */
  letterTo(address: string, count?: number): Promise<Email>;
  close(): Promise<void>;
}

export interface MailboxOptions {
  /** Name and password that it wants. */
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Port; absent: any free one. */
  readonly port?: number;
  /** Called before a message is taken; what it throws refuses the message (`responseCode` of the error). */
  readonly onMessage?: (arrived: Arrived) => void | Promise<void>;
  /** Called for each recipient, before any contents. */
  readonly onRecipient?: (address: string) => void;
}

/** Starts the server on 127.0.0.1. */
export async function openMailbox(options: MailboxOptions = {}): Promise<Mailbox> {
  const arrived: Arrived[] = [];
  const waiting = new Set<() => void>();
  const { auth } = options;
  const settings: SMTPServerOptions = {
    authOptional: auth === undefined,
    disabledCommands: auth === undefined ? ['AUTH', 'STARTTLS'] : ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onAuth: (given, _session, done) =>
      given.username === auth?.user && given.password === auth?.pass
        ? done(null, { user: given.username })
        : done(Object.assign(new Error('Wrong name or password'), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, done) => {
      try {
        options.onRecipient?.(address);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const take = async (): Promise<void> => {
          const mail = await PostalMime.parse(Buffer.concat(chunks));
          const from = mailFrom === false ? '' : mailFrom.address;
          const one = { from, to: rcptTo.map(({ address }) => address), mail };
          await options.onMessage?.(one);
          arrived.push(one);
          for (const look of waiting) look();
        };
        void answer(take, done);
      });
    },
  };
  const server = new SMTPServer(settings);
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const sign = auth === undefined ? '' : `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.pass)}@`;
  const next: Mailbox['next'] = (fits, timeoutMs = 60_000) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`No such mail within ${timeoutMs} ms; ${arrived.length} arrived.`));
      }, timeoutMs);
      const look = (): void => {
        const found = arrived.find(fits);
        if (!found) return;
        clearTimeout(late);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    url: `smtp://${sign}127.0.0.1:${port}`,
    arrived,
    next,
    get letters() {
      return arrived.map(({ mail }) => mail);
    },
    async letterTo(address, count = 1) {
      const all = (): Arrived[] => arrived.filter(({ to }) => to.includes(address));
      await next(() => all().length >= count);
      return all()[count - 1].mail;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Tells the client that its message was taken, or why not. */
async function answer(take: () => Promise<void>, done: (error?: Error | null) => void): Promise<void> {
  try {
    await take();
    done();
  } catch (error) {
    done(error as Error);
  }
}
