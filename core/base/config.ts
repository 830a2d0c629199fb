import { invalid } from './errors.js';

/** Configuration of one process, read once from the environment. */
export interface Config {
  readonly port: number;
  /** Interface to listen on; loopback unless HOST says otherwise. */
  readonly host: string;
  /** PostgreSQL of one's own, or null for the embedded server. */
  readonly databaseUrl: string | null;
  /** Absolute path of the data directory (embedded server, files, backups). */
  readonly dataDir: string;
  /** Further folders in which plugins are looked for. */
  readonly pluginDirs: readonly string[];
  readonly seed: 'demo' | 'none';
  /** Key material for cursors and secrets, or null: one is made and kept in the data directory. */
  readonly secret: string | null;
  /** The TRELLIS_SECRET before, so that what it encrypted can still be read; null: there was none. */
  readonly oldSecret: string | null;
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  readonly publicUrl: string | null;
  /** `smtp[s]://user:password@host:port` of the server that takes mails, or null: mails wait. */
  readonly smtpUrl: string | null;
  /** Sender of mails, `Trellis <crm@example.com>`; there where `smtpUrl` is. */
  readonly mailFrom: string | null;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** `host` or `host:port` of the own network that plugins may call. */
  readonly outboundHosts: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly metricsToken: string | null;
  /** Requests a minute of one session or key, and of one address that is not signed in; 0: not limited. */
  readonly rateLimit: number;
  readonly slowQueryMs: number;
  /** Connections in the pool. */
  readonly poolSize: number;
  readonly workspace: {
    readonly name: string;
    readonly locale: string;
    readonly zone: string;
    readonly currency: string;
    readonly region: string;
  };
  /** Hours between scheduled backups in embedded mode; 0: none. */
  readonly backupHours: number;
}

/**
 * Reads the environment. Throws config.invalid with one line that names the variable; unknown TRELLIS_ variables are refused too.
 * `resolvePath` makes a path absolute (kept out of here so that this file stays pure).
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  resolvePath: (path: string) => string,
): Config {
  for (const name of Object.keys(env)) {
    if (name.startsWith('TRELLIS_') && !known.has(name))
      throw invalid('config.unknown', `${name} is not a setting of Trellis.`, {
        hint: `Known: ${[...known].join(', ')}.`,
      });
  }
  const secret = env.TRELLIS_SECRET || null;
  if (secret !== null && secret.length < 32)
    throw invalid('config.invalid', 'TRELLIS_SECRET must have at least 32 characters.');
  if (
    secret !== null &&
    (new Set(secret).size < 8 || /change.?me|your.?secret|example|placeholder|default/i.test(secret))
  )
    throw invalid('config.invalid', 'TRELLIS_SECRET must be random: this one could be guessed.');
  const databaseUrl = env.DATABASE_URL || null;
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl))
    throw invalid('config.invalid', 'DATABASE_URL must start with postgres:// or postgresql://.');
  const publicUrl = env.TRELLIS_PUBLIC_URL || null;
  if (publicUrl !== null && !/^https?:\/\/[^/?#\s]+\/?$/.test(publicUrl))
    throw invalid('config.invalid', `TRELLIS_PUBLIC_URL must be like https://crm.example.com, not "${publicUrl}".`);
  const { smtpUrl, mailFrom } = mail(env);
  const trustedProxies = list(env.TRELLIS_TRUSTED_PROXIES);
  const strange = trustedProxies.find(
    (proxy) => !/^([0-9a-fA-F:.]+(\/\d{1,3})?|loopback|linklocal|uniquelocal)$/.test(proxy),
  );
  if (strange !== undefined)
    throw invalid('config.invalid', `TRELLIS_TRUSTED_PROXIES must list addresses like 10.0.0.0/8, not "${strange}".`);
  const adminPassword = env.TRELLIS_ADMIN_PASSWORD || null;
  if (adminPassword !== null && adminPassword.length < 10)
    throw invalid('config.invalid', 'TRELLIS_ADMIN_PASSWORD must have at least 10 characters.');
  return {
    port: integer(env, 'PORT', 3000, 0, 65535),
    host: env.HOST || '127.0.0.1',
    databaseUrl,
    dataDir: resolvePath(env.TRELLIS_DATA_DIR || '.data'),
    pluginDirs: list(env.TRELLIS_PLUGINS).map(resolvePath),
    seed: choice(env, 'TRELLIS_SEED', ['demo', 'none'], 'demo'),
    secret,
    oldSecret: env.TRELLIS_OLD_SECRET || null,
    adminEmail: env.TRELLIS_ADMIN_EMAIL || null,
    adminPassword,
    publicUrl,
    smtpUrl,
    mailFrom,
    trustedProxies,
    outboundHosts: list(env.TRELLIS_OUTBOUND_HOSTS).map((host) => host.toLowerCase()),
    logLevel: choice(env, 'TRELLIS_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    metricsToken: env.TRELLIS_METRICS_TOKEN || null,
    rateLimit: integer(env, 'TRELLIS_RATE_LIMIT', 30_000, 0, 10_000_000),
    slowQueryMs: integer(env, 'TRELLIS_SLOW_QUERY_MS', 500, 0, 3_600_000),
    poolSize: integer(env, 'TRELLIS_POOL_SIZE', 10, 2, 200),
    workspace: {
      name: env.TRELLIS_WORKSPACE_NAME || 'Trellis',
      locale: choice(env, 'TRELLIS_LOCALE', ['en', 'zh-CN'], 'en'),
      zone: zone(env),
      currency: pattern(env, 'TRELLIS_CURRENCY', /^[A-Z]{3}$/, 'USD'),
      region: pattern(env, 'TRELLIS_REGION', /^[A-Z]{2}$/, 'US'),
    },
    backupHours: integer(env, 'TRELLIS_BACKUP_HOURS', 24, 0, 8760),
  };
}

type Env = Readonly<Record<string, string | undefined>>;

const known = new Set(
  'DATA_DIR PLUGINS SEED SECRET OLD_SECRET ADMIN_EMAIL ADMIN_PASSWORD PUBLIC_URL SMTP_URL MAIL_FROM TRUSTED_PROXIES LOG_LEVEL METRICS_TOKEN RATE_LIMIT OUTBOUND_HOSTS SLOW_QUERY_MS POOL_SIZE WORKSPACE_NAME LOCALE ZONE CURRENCY REGION BACKUP_HOURS'
    .split(' ')
    .map((name) => `TRELLIS_${name}`),
);

function integer(env: Env, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw invalid('config.invalid', `${name} must be a whole number from ${min} to ${max}, not "${text}".`);
  return value;
}

function choice<T extends string>(env: Env, name: string, choices: readonly T[], fallback: T): T {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  if (!choices.includes(text as T))
    throw invalid('config.invalid', `${name} must be one of ${choices.join(', ')}, not "${text}".`);
  return text as T;
}

function pattern(env: Env, name: string, shape: RegExp, fallback: string): string {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  if (!shape.test(text)) throw invalid('config.invalid', `${name} must match ${shape.source}, not "${text}".`);
  return text;
}

/** Both or none. The address of the server may hold a password, so no message repeats it. */
function mail(env: Env): { smtpUrl: string | null; mailFrom: string | null } {
  const smtpUrl = env.TRELLIS_SMTP_URL || null;
  const mailFrom = env.TRELLIS_MAIL_FROM || null;
  if (smtpUrl !== null && !(/^smtps?:\/\/[^/?#\s]+\/?$/.test(smtpUrl) && URL.canParse(smtpUrl)))
    throw invalid('config.invalid', 'TRELLIS_SMTP_URL must be like smtps://user:password@mail.example.com:465.');
  if (mailFrom !== null && !/^[^<>\r\n]*<?[^\s@<>,;]+@[^\s@<>,;]+>?$/.test(mailFrom))
    throw invalid('config.invalid', `TRELLIS_MAIL_FROM must be like Trellis <crm@example.com>, not "${mailFrom}".`);
  if (smtpUrl !== null && mailFrom === null)
    throw invalid('config.invalid', 'TRELLIS_SMTP_URL needs TRELLIS_MAIL_FROM, the address that mails come from.');
  return { smtpUrl, mailFrom };
}

function zone(env: Env): string {
  const text = env.TRELLIS_ZONE || 'UTC';
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch (cause) {
    throw invalid('config.invalid', `TRELLIS_ZONE "${text}" is not an IANA time zone.`, { cause });
  }
  return text;
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
