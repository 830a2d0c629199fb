import type { Ctx } from './context.js';
import type { Json } from './records.js';

/** How often one address may call a public door. */
export interface RateLimit {
  /** Calls, 1–10,000. */
  readonly limit: number;
  /** Seconds in which they count, 1–86,400. */
  readonly perSeconds: number;
}

/** Makes a door for people without an account. */
export interface PublicDoor {
  readonly rateLimit: RateLimit;
  /** True: only with a link that `ctx.actions.link` signed; what the link says wins over what the caller sends. */
  readonly signedLink?: boolean;
  /** Ids of the roles whose rights the door has; absent: none, so that it reads and writes nothing of its own. */
  readonly roles?: readonly string[];
}

/** A named verb with typed input: POST /api/actions/:action, later a button or a workflow step. */
export interface ActionDefinition<Input extends Json = Json> {
  /** `plugin.verb-object`, e.g. `sales.convert-lead`. */
  id: string;
  /** What it does, in one line; for the API description. */
  title: string;
  /** JSON Schema of the input, an object; what it does not name is refused. */
  input: { readonly [key: string]: Json };
  /** Who may call it when signed in: users with any of these roles; absent: everybody. Its own reads and writes are checked anyway. */
  roles?: readonly string[];
  /** Absent: only for signed-in users. */
  public?: PublicDoor;
  /** Runs in a transaction with the rights of the caller (a public door: with those it declares); what it answers is sent as `data`. */
  run(ctx: Ctx, input: Input): Promise<Json>;
}

/** A page for people without an account: a template with what `load` answers. */
export interface PageDefinition {
  /** `plugin.name`, e.g. `marketing.preferences`; served at /p/plugin.name. */
  id: string;
  title: string;
  /** Id of the template whose body is the page. */
  template: string;
  public: PublicDoor;
  /** What the template shows. `input` is what the signed link says, or {}. */
  load(ctx: Ctx, input: { readonly [key: string]: Json }): Promise<{ [key: string]: Json }>;
}

/** What a signed link opens. */
export interface LinkInput {
  /** Id of an action or page with `public.signedLink`. */
  readonly target: string;
  /** What the link says for its holder; at most 2,000 characters as JSON. */
  readonly input: { readonly [key: string]: Json };
  /** The link is worth nothing after this instant. */
  readonly expiresAt: Date;
}

/** Runs actions and signs links to public ones. */
export interface ActionsApi {
  /** Throws action.not_found, action.bad_input, access.denied, and what the action throws. */
  run(ctx: Ctx, id: string, input: Json): Promise<Json>;
  /** Absolute address of a public action's page or of a page, signed. Throws action.not_found, action.not_public. */
  link(ctx: Ctx, input: LinkInput): string;
}
