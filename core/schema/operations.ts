import type { Operation } from '../../schemas/studio.js';

export type { Operation };

/** Plugin id of the workspace layer; its fields on others' entities start with `x_`. */
export const workspaceLayer = 'x';

/** Position of the workspace layer in the fold: above every plugin. */
export const workspacePosition = 1_000_000;
