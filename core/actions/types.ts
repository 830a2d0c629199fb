import type { ActionDefinition, ActionsApi, Ctx, Json, PageDefinition } from '../sdk/index.js';

/** Nest injection token of `Actions`. */
export const ACTIONS = Symbol('ACTIONS');

/** An action, for the API description. */
export interface ActionInfo {
  readonly id: string;
  readonly title: string;
  readonly input: { readonly [key: string]: Json };
  readonly isPublic: boolean;
  /** True: the public door opens with a signed link only. */
  readonly needsLink: boolean;
}

/** Somebody without an account, as the edge knows it. */
export interface PublicCaller {
  /** What counts as one address for rate limits. */
  readonly address: string;
  /** The signed link, or null. */
  readonly token: string | null;
  readonly locale: string | undefined;
  readonly requestId: string;
  readonly signal?: AbortSignal;
}

/** A page for people without an account. */
export interface RenderedPage {
  readonly title: string;
  /** Escaped HTML of the body. */
  readonly html: string;
  readonly locale: string;
}

/** The room: named verbs, and doors for people without an account. */
export interface Actions extends ActionsApi {
  /** Throws action.defined_twice, and what is wrong with its input schema. */
  register(part: { actions?: readonly ActionDefinition[]; pages?: readonly PageDefinition[] }): void;
  unregister(part: { actions?: readonly ActionDefinition[]; pages?: readonly PageDefinition[] }): void;
  /** Actions that the actor may call, by id. */
  list(ctx: Ctx): ActionInfo[];
  /**
   * Runs a public action with the rights that it declares. Throws action.not_found (also where it is not public), link.invalid,
   * request.too_many, action.bad_input.
   */
  runPublic(id: string, input: Json, caller: PublicCaller): Promise<Json>;
  /** Renders a public page, or the page with the button of a public action. Throws page.not_found, link.invalid, request.too_many. */
  openPage(id: string, caller: PublicCaller): Promise<RenderedPage>;
}
