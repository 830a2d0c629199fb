import type { InjectionKey } from 'vue';
import type { LinkValue } from '../../api/index.js';

/** Opens a small form for a new record of an entity, its title begun; answers the record made, or null. */
export type CreateInPlace = (entity: string, title: string) => Promise<LinkValue | null>;

/** Provided by whoever can show a form; a picker without it offers no creation. */
export const CREATE_IN_PLACE: InjectionKey<CreateInPlace> = Symbol('createInPlace');
