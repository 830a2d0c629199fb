import { spine } from './0001-spine.js';
import { expression } from './0002-expression.js';
import { jobs } from './0003-jobs.js';
import { identity } from './0004-identity.js';
import { exchange } from './0005-exchange.js';
import { files } from './0006-files.js';
import { audit } from './0007-audit.js';
import { historyPartitions } from './0008-history-partitions.js';
import { pluginLifecycle } from './0009-plugin-lifecycle.js';
import { changeSets } from './0010-change-sets.js';
import { storageTasks } from './0011-storage-tasks.js';
import { computed } from './0012-computed.js';
import { kindChanges } from './0013-kind-changes.js';
import { decisions } from './0014-decisions.js';
import { linksHistory } from './0015-links-history.js';
import { numberExisting } from './0016-number-existing.js';
import { mail } from './0021-mail.js';
import { signIn } from './0022-sign-in.js';
import { access } from './0023-access.js';
import { auditChain } from './0024-audit-chain.js';
import { privacy } from './0025-privacy.js';
import { directory } from './0026-directory.js';
import { territories } from './0027-territories.js';
import { actingEnds } from './0029-acting-ends.js';
import { changeBasis } from './0030-change-basis.js';
import { actingEndsByRights } from './0031-acting-ends-by-rights.js';
import { reachedByOwner } from './0032-reached-by-owner.js';
import type { Migration } from './migration.js';

/** The kernel's migrations, in the order in which they run. */
export const migrations: readonly Migration[] = [
  spine,
  expression,
  jobs,
  identity,
  exchange,
  files,
  audit,
  historyPartitions,
  pluginLifecycle,
  changeSets,
  storageTasks,
  computed,
  kindChanges,
  decisions,
  linksHistory,
  numberExisting,
  mail,
  signIn,
  access,
  auditChain,
  privacy,
  directory,
  territories,
  actingEnds,
  changeBasis,
  actingEndsByRights,
  reachedByOwner,
];
