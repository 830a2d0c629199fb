import type { Density } from './list-state.js';

/** Heights of rows, px, as in tokens.css; the virtual list must know them as numbers. */
export const rowHeights: Record<Density, number> = { compact: 32, comfortable: 40 };
