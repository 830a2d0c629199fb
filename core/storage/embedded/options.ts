import { totalmem } from 'node:os';

/** `standard`: durable. `test`: small, forgets on a power cut. */
export type EmbeddedProfile = 'standard' | 'test';

/**
 * Arguments of `initdb` besides the folder: UTF-8, code-point order, Unicode character classes without the system's
 * locales. `ctype` is a locale of the system, used by extensions that ignore the provider (pg_trgm).
 */
export function initArguments(profile: EmbeddedProfile, ctype: string): string[] {
  return [
    '--username=trellis',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    `--lc-ctype=${ctype}`,
    '--no-instructions',
    ...(profile === 'test' ? ['--no-sync'] : []),
  ];
}

/** Settings of the server, given on its command line so that an update of Trellis changes them. */
export function serverSettings(profile: EmbeddedProfile, memoryBytes: number = totalmem()): Record<string, string> {
  const megabytes = Math.floor(memoryBytes / 2 ** 20);
  const shared = Math.min(1024, Math.max(128, Math.floor(megabytes / 32) * 2));
  const common = {
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    jit: 'off',
    // Starting workers takes longer than most pages; a large aggregate still gets them.
    parallel_setup_cost: '20000',
    max_connections: '100',
    random_page_cost: '1.1',
    effective_cache_size: `${Math.max(256, Math.floor(megabytes / 2))}MB`,
    work_mem: '16MB',
    // One server, no replicas: the least that survives a crash.
    wal_level: 'minimal',
    max_wal_senders: '0',
    cluster_name: 'trellis',
  };
  if (profile === 'test') {
    return {
      ...common,
      shared_buffers: '64MB',
      maintenance_work_mem: '64MB',
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      autovacuum_naptime: '30s',
      max_wal_size: '512MB',
    };
  }
  return {
    ...common,
    shared_buffers: `${shared}MB`,
    maintenance_work_mem: '256MB',
    checkpoint_timeout: '15min',
    max_wal_size: '2GB',
    wal_compression: 'on',
  };
}
