import { denied, invalid, missing } from '../base/errors.js';
import type { CatalogService } from '../catalog/index.js';
import type { ActionDefinition, ContextFactory, Ctx, Json, PublicDoor } from '../sdk/index.js';
import type { Database } from '../storage/index.js';
import { renderTemplate } from '../templates/index.js';
import { buttonPage } from './button-page.js';
import { readLink, signLink } from './links.js';
import { countCall } from './rate-limit.js';
import { checkInput, createRegistry, findAction, noAction, type Registry } from './registry.js';
import type { Actions, PublicCaller, RenderedPage } from './types.js';

/** What this room leans on. */
export interface ActionsDeps {
  readonly database: Database;
  readonly catalog: CatalogService;
  readonly contexts: ContextFactory;
  /** 32 bytes by which links are signed. */
  readonly linkKey: Uint8Array;
}

/** Composes the room. */
export function createActions(deps: ActionsDeps): Actions {
  const registry = createRegistry();
  return {
    register: (part) => registry.add(part),
    unregister: (part) => registry.remove(part),
    list: (ctx) => listed(registry, ctx),
    async run(ctx, id, input) {
      const action = findAction(registry, id, registry.actions.keys());
      const { definition } = action;
      if (!mayCall(ctx, definition))
        throw denied('access.denied', `You may not run "${definition.title}".`, {
          params: { action: id },
          hint: 'Ask an administrator for a role that allows it.',
        });
      checkInput(action, input);
      return ctx.records.transaction(ctx, (inside) => definition.run(inside, input));
    },
    link(ctx, { target, input, expiresAt }) {
      const door = registry.pages.get(target)?.public ?? registry.actions.get(target)?.definition.public;
      if (!door) throw noAction(target, [...registry.actions.keys(), ...registry.pages.keys()]);
      if (!door.signedLink) throw invalid('action.not_public', `"${target}" takes no signed links.`);
      return ctx.mail.url(`/p/${target}?t=${signLink(deps.linkKey, { target, input }, expiresAt)}`);
    },
    runPublic: (id, input, caller) => runPublic(deps, registry, { id, input, caller }),
    openPage: (id, caller) => openPage(deps, registry, id, caller),
  };
}

function listed(registry: Registry, ctx: Ctx): ReturnType<Actions['list']> {
  return [...registry.actions.values()]
    .filter(({ definition }) => mayCall(ctx, definition))
    .map(({ definition: { id, title, input, public: door } }) => ({
      id,
      title,
      input,
      isPublic: door !== undefined,
      needsLink: door?.signedLink === true,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** By roles; a narrowed API key needs the scope to write, since it cannot be known what an action does. */
function mayCall({ actor }: Ctx, { roles }: ActionDefinition): boolean {
  if (actor.kind === 'system') return true;
  const isInScope = actor.scopes === null || actor.scopes.includes('write');
  return isInScope && (roles === undefined || roles.some((role) => actor.roles.includes(role)));
}

async function runPublic(
  deps: ActionsDeps,
  registry: Registry,
  { id, input, caller }: { id: string; input: Json; caller: PublicCaller },
): Promise<Json> {
  const action = registry.actions.get(id);
  const door = action?.definition.public;
  // Nobody learns of actions that are not public, not even by a suggestion.
  if (!action || !door) throw noAction(id, []);
  const ctx = publicCtx(deps, id, door, caller);
  await countCall(deps.database, { door: id, address: caller.address, limit: door.rateLimit, now: ctx.now() });
  const said = door.signedLink ? readLink(deps.linkKey, caller.token, id, ctx.now()).input : {};
  if (input === null || typeof input !== 'object' || Array.isArray(input))
    throw invalid('request.body', 'The input must be a JSON object.');
  // What was signed wins: the holder of a link cannot make it say something else.
  const whole: Json = { ...input, ...said };
  checkInput(action, whole);
  return ctx.records.transaction(ctx, (inside) => action.definition.run(inside, whole));
}

async function openPage(
  deps: ActionsDeps,
  registry: Registry,
  id: string,
  caller: PublicCaller,
): Promise<RenderedPage> {
  const page = registry.pages.get(id);
  const action = registry.actions.get(id)?.definition;
  const door = page?.public ?? (action?.public?.signedLink ? action.public : undefined);
  if (!door) throw missing('page.not_found', 'There is no such page.');
  const ctx = publicCtx(deps, id, door, caller);
  await countCall(deps.database, {
    door: `page ${id}`,
    address: caller.address,
    limit: door.rateLimit,
    now: ctx.now(),
  });
  const said = door.signedLink ? readLink(deps.linkKey, caller.token, id, ctx.now()).input : {};
  if (!page) return buttonPage({ title: action?.title ?? id, action: id, locale: ctx.locale });
  const definition = deps.catalog.current.definitions('template').get(page.template);
  if (!definition) throw missing('page.not_found', 'There is no such page.');
  const { subject, body } = deps.catalog.current.localized(definition, ctx.locale) as { subject: string; body: string };
  const { name, currency } = ctx.workspace;
  const data = { ...(await page.load(ctx, said)), workspace: { name, currency } };
  const { locale, zone } = ctx;
  return {
    title: renderTemplate({ source: subject, kind: 'text', data, locale, zone }),
    html: renderTemplate({ source: body, kind: 'html', data, locale, zone }),
    locale,
  };
}

/** A public door acts under its own name, with the rights of the roles that it declares and no others. */
function publicCtx(deps: ActionsDeps, id: string, door: PublicDoor, caller: PublicCaller): Ctx {
  return deps.contexts.forActor(
    { kind: 'system', reason: `public ${id}`, onBehalfOf: null, roles: door.roles ?? [] },
    { locale: caller.locale, requestId: caller.requestId, signal: caller.signal },
  );
}
