import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** Where and how mails leave. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, instead of STARTTLS. */
  readonly secure: boolean;
  /** What becomes of STARTTLS: nothing goes without it, taken where it is offered, not needed (this machine). */
  readonly startTls: 'required' | 'offered' | 'none';
  readonly auth: { readonly user: string; readonly pass: string } | null;
}

/**
 * What became of a message. `retry`: the server will not take it now. `refused`: never. `away`: nothing was handed over, through no
 * fault of the message. `unknown`: the line broke after the contents had begun to flow.
 */
export type Outcome =
  { readonly kind: 'sent' } | { readonly kind: 'retry' | 'refused' | 'away' | 'unknown'; readonly error: string };

/** An open line to the server. */
export interface SmtpLine {
  /** `onData` runs when the server is ready for the contents; where it throws, nothing flows. Never throws. */
  send(input: { from: string; to: string; message: Buffer; onData: () => Promise<void> }): Promise<Outcome>;
  close(): void;
}

const connectMs = 15_000;
const silenceMs = 60_000;
/** For one message from the greeting to the receipt. */
const messageMs = 180_000;

/** The server of `smtp[s]://user:password@host:port`. Signing in over an open line is done on this machine only. */
export function readSmtpUrl(text: string): SmtpServer {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const auth =
    url.username === '' ? null : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  const isHere = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    startTls: isHere || secure ? 'none' : auth === null ? 'offered' : 'required',
    auth,
  };
}

/** Connects and signs in. Throws an Error with the server's or the network's words. */
export async function openLine(server: SmtpServer): Promise<SmtpLine> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const connection = new Connection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.startTls === 'required',
    opportunisticTLS: server.startTls === 'offered',
    ignoreTLS: server.startTls === 'none',
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMs,
    logger: false,
  });
  await settled((done, fail) => {
    connection.once('error', fail);
    connection.connect((error) => {
      connection.off('error', fail);
      if (error) fail(error);
      else done(undefined);
    });
  });
  // A line that breaks between two messages: the next one finds out.
  connection.on('error', () => undefined);
  const { auth } = server;
  if (auth !== null)
    await settled((done, fail) =>
      connection.login({ credentials: auth }, (error) => (error ? fail(error) : done(undefined))),
    ).catch((error: unknown) => {
      connection.close();
      throw error;
    });
  return { send: (input) => sendOn(connection, input), close: () => connection.quit() };
}

async function sendOn(connection: SMTPConnection, input: Parameters<SmtpLine['send']>[0]): Promise<Outcome> {
  let hasBegun = false;
  let refusal: unknown = null;
  // Read for the first time when the server has said that it waits for the contents.
  const message = Readable.from(
    (async function* () {
      try {
        await input.onData();
      } catch (error) {
        refusal = error;
        throw error;
      }
      hasBegun = true;
      yield input.message;
    })(),
    { objectMode: false },
  );
  let late: NodeJS.Timeout | undefined;
  try {
    await settled((done, fail) => {
      late = setTimeout(() => fail(new Error('The server took too long.')), messageMs);
      connection.send({ from: input.from, to: [input.to], size: input.message.length }, message, (error) =>
        error ? fail(error) : done(undefined),
      );
    });
    return { kind: 'sent' };
  } catch (error) {
    // Whatever state the conversation is in: the next message begins a new one. Without its end, nothing was handed over.
    connection.close();
    if (refusal !== null) return { kind: 'away', error: wordsOf(refusal) };
    const { responseCode, command } = error as { responseCode?: number; command?: string };
    // Who may not send at all is no fault of this mail.
    if (command === 'MAIL FROM' && responseCode !== undefined && responseCode >= 500)
      return { kind: 'away', error: wordsOf(error) };
    if (responseCode !== undefined && responseCode >= 500) return { kind: 'refused', error: wordsOf(error) };
    if (responseCode !== undefined && responseCode >= 400) return { kind: 'retry', error: wordsOf(error) };
    return { kind: hasBegun ? 'unknown' : 'away', error: wordsOf(error) };
  } finally {
    clearTimeout(late);
    message.destroy();
  }
}

/** What a server or the network said, in one line, for administrators. */
export function wordsOf(error: unknown): string {
  const { response } = error as { response?: unknown };
  const said = typeof response === 'string' && response !== '' ? response : String((error as Error).message ?? error);
  return said
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

function settled<T>(work: (done: (value: T) => void, fail: (error: Error) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => work(resolve, reject));
}
