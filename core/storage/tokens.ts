/** Nest injection token of the `Database`; provided for all rooms by the global `StorageModule`. */
export const DATABASE = Symbol('DATABASE');
