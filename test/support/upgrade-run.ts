import { join } from 'node:path';
import { testEnv } from './app.js';
import { expectOk, type Client, type Loose } from './client.js';
import { runDoctor } from './crash-run.js';
import { entityOf, manifestOf, pluginStage, text } from './plugin-stage.js';
import { applyChange, seeded, type StudioOperation } from './studio.js';

/** What one version of the plugin says. */
interface Version {
  title: string;
  fields: Record<string, string>;
  options: Record<string, string>;
  columns: string[];
  viewTitle: string;
}

/** A definition flattened: pointer → value of its texts, and the keys of its lists in order. */
interface Flat {
  readonly texts: ReadonlyMap<string, unknown>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

interface State {
  readonly document: Flat;
  readonly below: Flat;
}

const targets = [
  ['entity', 'shop.item'],
  ['view', 'shop.items'],
] as const;

/**
 * A plugin in a folder goes from version to version, random changes of the workspace on top, over a restart each. Nothing local is
 * lost unless a conflict tells of it; what both sides changed is a conflict; what only the vendor changed is there.
 */
export async function randomUpgrades(seed: number, versions = 3): Promise<{ conflicts: number }> {
  const random = seeded(seed);
  const stage = await pluginStage();
  let conflicts = 0;
  try {
    let version: Version = {
      title: 'Item',
      fields: Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`f${n}`, `Field ${n}`])),
      options: Object.fromEntries(['a', 'b', 'c', 'd'].map((value) => [value, value.toUpperCase()])),
      columns: ['name', 'f0', 'f1', 'f2'],
      viewTitle: 'Items',
    };
    await stage.lay(filesOf(version, '1.0.0'));
    let { admin } = await stage.restart();
    for (let n = 2; n <= versions; n++) {
      await changeLocally(admin, random, n);
      const record = { name: `r${n}`, [`x_own${n}`]: n, f0: version.fields.f0 ? 'kept' : undefined };
      const made = expectOk(await admin.post('/api/records/shop.item', record), 201).body.data;
      const before = await statesOf(admin);
      const own = await ownIds(admin);
      version = nextVersion(version, random, n);
      await stage.lay(filesOf(version, `${n}.0.0`));
      ({ admin } = await stage.restart());
      const rows = (await admin.get('/api/catalog/conflicts')).body.data;
      const told = (target: string, at: string): boolean =>
        rows.some((row) => String(row.target) === target && isNear(String(row.at), at));
      const after = await statesOf(admin);
      const faults = targets.flatMap(([type, id]) =>
        lostOf(before[id], after[id], (at) => told(id, at)).map((fault) => `${type} ${id} ${fault}`),
      );
      const ids = await ownIds(admin);
      faults.push(...own.filter((id) => !ids.includes(id) && !told(id, '')).map((id) => `${id} is gone`));
      expect({ seed, version: n, faults }).toEqual({ seed, version: n, faults: [] });
      const read = expectOk(await admin.get(`/api/records/shop.item/${String(made.id)}`), 200).body.data;
      expect([seed, read[`x_own${n}`]]).toEqual([seed, n]);
      conflicts += rows.filter((row) => row.choice === null).length;
      await decideSome(admin, rows, random);
    }
    const { code, said } = await runDoctor({
      env: testEnv({ plugins: [stage.dir] }, stage.base.url, join(stage.dir, '.data')),
    });
    expect({ seed, code, said }).toEqual({ seed, code: 0, said });
    return { conflicts };
  } finally {
    await stage.end();
  }
}

function filesOf(version: Version, number: string): Record<string, unknown> {
  const fields = Object.fromEntries(Object.entries(version.fields).map(([key, title]) => [key, text(title)]));
  const options = Object.entries(version.options).map(([value, title]) => ({ value, title }));
  const stage = { title: 'Stage', 'x-field': { kind: 'choice', options } };
  return {
    'shop/plugin.json': manifestOf('shop', { version: number }),
    'shop/entities/item.json': { ...entityOf('shop.item', { ...fields, stage }), title: version.title },
    'shop/views/items.json': {
      entity: 'shop.item',
      title: version.viewTitle,
      type: 'list',
      columns: version.columns.map((field) => ({ field })),
    },
  };
}

type Random = (below: number) => number;

/** The vendor's side: titles, fields, options and columns of the next version. */
function nextVersion(version: Version, random: Random, n: number): Version {
  const next = structuredClone(version);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  for (let i = 0; i < 5; i++) {
    const key = pick(Object.keys(next.fields));
    [
      () => (next.title = `Item v${n}`),
      () => (next.viewTitle = `Items v${n}`),
      () => (next.fields[key] = `${key} v${n}`),
      () => (next.fields[`n${n}${i}`] = `New ${n}`),
      () => {
        if (Object.keys(next.fields).length < 3) return;
        delete next.fields[key];
        next.columns = next.columns.filter((column) => column !== key);
      },
      () => (next.options[pick(Object.keys(next.options))] = `Option v${n}`),
      () => (next.options[`o${n}${i}`] = `New ${n}`),
      () => (next.columns = [...new Set([...next.columns, key])]),
      () => (next.columns = [...next.columns.slice(1), next.columns[0]]),
    ][random(9)]();
  }
  return next;
}

/** The workspace's side; what does not fit any longer is refused and passed over. */
async function changeLocally(admin: Client, random: Random, n: number): Promise<void> {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const item = (more: object): StudioOperation => ({ type: 'entity', id: 'shop.item', ...more });
  const view = (more: object): StudioOperation => ({ type: 'view', id: 'shop.items', ...more });
  expectOk(
    await applyChange(admin, [
      item({ op: 'set', at: `/properties/x_own${n}`, value: { title: `Own ${n}`, 'x-field': { kind: 'integer' } } }),
    ]),
    200,
  );
  for (let i = 0; i < 6; i++) {
    const { document } = (await definition(admin, 'entity', 'shop.item')) as unknown as { document: Document };
    const columns = ((await definition(admin, 'view', 'shop.items')).document.columns ?? []).map(({ field }) =>
      String(field),
    );
    const keys = Object.keys(document.properties).filter((key) => key !== 'stage');
    const key = pick(keys);
    const options = document.properties.stage['x-field'].options.map(({ value }) => value);
    const free = keys.filter((one) => !columns.includes(one));
    await applyChange(admin, [
      pick([
        item({ op: 'set', at: '/title', value: `Local ${n}` }),
        item({ op: 'set', at: `/properties/${key}/title`, value: `${key} local ${n}` }),
        item({ op: 'set', at: `/properties/${key}/description`, value: `Help ${n}` }),
        item({ op: 'set', at: `/properties/stage/x-field/options/${pick(options)}/title`, value: `Local ${n}` }),
        item({
          op: 'insert-before',
          at: `/properties/stage/x-field/options/l${n}${i}`,
          value: { value: `l${n}${i}`, title: `Mine ${n}` },
          before: pick([...options, null]),
        }),
        item({ op: 'remove', at: `/properties/stage/x-field/options/${pick(options)}` }),
        view({ op: 'set', at: '/title', value: `Local ${n}` }),
        view({ op: 'remove', at: `/columns/${pick(columns)}` }),
        ...(free.length > 0
          ? [
              view({
                op: 'insert-before',
                at: `/columns/${free[0]}`,
                value: { field: free[0] },
                before: pick([...columns, null]),
              }),
            ]
          : []),
        {
          type: 'view',
          id: `x.own${n}${i}`,
          op: 'set',
          at: '',
          value: {
            entity: 'shop.item',
            title: 'Own',
            type: 'list',
            columns: [...new Set(['name', key])].map((field) => ({ field })),
          },
        },
      ]),
    ]);
  }
}

interface Document {
  readonly properties: Readonly<Record<string, { 'x-field': { options: { value: string }[] } }>>;
}

/** A choice for some of the open questions; each of them can be answered. */
async function decideSome(admin: Client, rows: Loose, random: Random): Promise<void> {
  for (const row of rows.filter(({ choice }) => choice === null)) {
    if (random(2) === 0) continue;
    const choice = random(2) === 0 ? 'local' : 'vendor';
    // An answer may settle its neighbours, or be refused with the reason while what it needs is away.
    expectOk(await admin.post(`/api/catalog/conflicts/${String(row.id)}`, { choice }), 200, 404, 409, 422);
  }
}

async function definition(admin: Client, type: string, id: string): Promise<Loose> {
  return expectOk(await admin.get(`/api/catalog/definitions/${type}/${id}`), 200).body.data;
}

async function statesOf(admin: Client): Promise<Record<string, State>> {
  const states: Record<string, State> = {};
  for (const [type, id] of targets) {
    const { document, below } = await definition(admin, type, id);
    states[id] = { document: flatten(document), below: flatten(below) };
  }
  return states;
}

async function ownIds(admin: Client): Promise<string[]> {
  const list = expectOk(await admin.get('/api/catalog/definitions?type=view'), 200).body.data;
  return list.map(({ id }) => String(id)).filter((id) => id.startsWith('x.'));
}

function flatten(document: unknown): Flat {
  const texts = new Map<string, unknown>();
  const lists = new Map<string, readonly string[]>();
  const visit = (value: unknown, at: string): void => {
    if (Array.isArray(value)) {
      const keyed = value.map((one) => {
        const { value: key, field } = (typeof one === 'object' ? one : {}) as { value?: string; field?: string };
        return key ?? field ?? String(one);
      });
      lists.set(at, keyed);
      value.forEach((one, i) => visit(typeof one === 'object' ? one : null, `${at}/${keyed[i]}`));
    } else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) visit(inner, `${at}/${key}`);
    else if (typeof value === 'string' && /\/(title|description)$/.test(at)) texts.set(at, value);
  };
  visit(document, '');
  return { texts, lists };
}

const isNear = (row: string, at: string): boolean =>
  row === at || at === '' || row === '' || at.startsWith(`${row}/`) || row.startsWith(`${at}/`);

/** What of the local changes is not there any longer without a word, and what of the vendor's is not there yet. */
function lostOf(before: State, after: State, told: (at: string) => boolean): string[] {
  const faults: string[] = [];
  for (const at of new Set([...before.document.texts.keys(), ...after.document.texts.keys()])) {
    const [base, local] = [before.below.texts.get(at), before.document.texts.get(at)];
    const [vendor, now] = [after.below.texts.get(at), after.document.texts.get(at)];
    const isLocal = base !== local;
    const isBoth = isLocal && base !== vendor && vendor !== local;
    if (isBoth && !told(at)) faults.push(`${at}: both changed, and nobody is told`);
    if (isLocal && now !== local && !told(at)) faults.push(`${at}: "${String(local)}" became "${String(now)}"`);
    if (!isLocal && now !== vendor && !told(at))
      faults.push(`${at}: the vendor says "${String(vendor)}", it is "${String(now)}"`);
  }
  for (const [at, local] of before.document.lists) {
    const base = before.below.lists.get(at) ?? [];
    const now = after.document.lists.get(at) ?? [];
    for (const key of local)
      if (!base.includes(key) && !now.includes(key) && !told(`${at}/${key}`)) faults.push(`${at}/${key} is gone`);
    for (const key of base)
      if (!local.includes(key) && now.includes(key) && !told(`${at}/${key}`)) faults.push(`${at}/${key} is back`);
  }
  return faults;
}
