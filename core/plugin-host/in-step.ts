import semver from 'semver';
import { broken, type TrellisError } from '../base/errors.js';
import type { Layer } from '../catalog/index.js';
import { manifestOf } from './read-unchanged.js';
import type { RawPlugin } from './types.js';

/** What this node has of a plugin. */
interface OwnFiles {
  readonly version: string;
  readonly hashes: readonly string[];
}

/** The workspace's own layer is in the database, so every node has it. */
const workspaceLayer = 'x';

/**
 * The refusal of a node whose files are not those that the catalog was made of; null where they are. Only what is applied
 * counts: a plugin that is switched off may differ.
 */
export function outOfStep(
  raws: readonly RawPlugin[],
  layers: readonly Pick<Layer, 'plugin' | 'version' | 'hash'>[],
): TrellisError | null {
  const own = filesById(raws);
  const strange = layers.find(
    (layer) => layer.plugin !== workspaceLayer && !own.get(layer.plugin)?.hashes.includes(layer.hash),
  );
  if (!strange) return null;
  const here = own.get(strange.plugin);
  const difference =
    here === undefined
      ? 'this node has no such plugin'
      : here.version === strange.version
        ? `this node has other files of ${here.version}`
        : `this node has ${here.version}`;
  return broken(
    'plugin.out_of_step',
    `The plugin "${strange.plugin}" is applied at ${strange.version}, but ${difference}. Give this node the same files and start it again.`,
  );
}

/** True where some plugin is applied at a later version than this node has, or this node does not have it. */
export function isBehind(
  raws: readonly RawPlugin[],
  layers: readonly Pick<Layer, 'plugin' | 'version' | 'hash'>[],
): boolean {
  const own = filesById(raws);
  return layers.some((layer) => {
    const here = own.get(layer.plugin);
    if (layer.plugin === workspaceLayer || here?.hashes.includes(layer.hash)) return false;
    return here === undefined || semver.valid(here.version) === null || semver.lt(here.version, layer.version);
  });
}

function filesById(raws: readonly RawPlugin[]): Map<string, OwnFiles> {
  const own = new Map<string, OwnFiles>();
  for (const raw of raws) {
    const manifest = manifestOf(raw);
    if (manifest === null) continue;
    own.set(manifest.id, {
      version: manifest.version,
      hashes: [...(own.get(manifest.id)?.hashes ?? []), raw.hash],
    });
  }
  return own;
}
