import { actorsOf, makeRoles, sampleActors, systemComputed, type VerifyActor } from './actors.js';
import { arrange, enter, leave, makeKeys } from './arrange.js';
import { asIfAsked, difference, toPlain, type Moment, type Plain } from './compare.js';
import { verifyDefinitions } from './definitions.js';
import { verifyEvents } from './events.js';
import { follow } from './follow.js';
import { analyze, changeHidden } from './hide.js';
import type { Probe, ProbeInput } from './probe.js';
import { probesOfHiddenField } from './probes-of-fields.js';
import { probesOfLists, probesOfNeighbours } from './probes-of-lists.js';
import { probesOfFiles, probesOfHiddenRows, probesOfImports } from './probes-of-rows.js';
import { fieldsOfRules, probesOfSystem, probesOfWrites } from './probes-of-system.js';
import { askSeen, judge, type Seen } from './seen.js';
import { takeSnapshot } from './snapshot.js';
import { dataOf } from './speak.js';
import type { Finding, VerifyInput, VerifyReport } from './types.js';
import { makeWorld, type World } from './world.js';

/**
 * Looks for anything hidden that shows: for each actor two states of the database that differ only in what it may not read, and every
 * surface asked in both. The database is filled, changed and left in disorder. Throws where the server cannot be worked with.
 */
export async function verifyAccess(input: VerifyInput): Promise<VerifyReport> {
  const world = await makeWorld(input);
  const { only } = input;
  const all = actorsOf(input, input.schema()).filter(({ name }) => only?.includes(name) ?? true);
  const actors = input.sample ? sampleActors(all, input.sample) : all;
  await makeRoles(world, actors);
  const keys = await makeKeys(input, world, actors);
  const restore = await takeSnapshot(input.db);
  const since = new Date().toISOString();
  const known = new Set(await knownIds(input, world));
  const run: Run = {
    input,
    world,
    keys,
    restore,
    moment: { known, since, lastEntry: await lastEntry(input) },
    findings: [],
    surfaces: new Set(),
    tally: { compared: 0 },
  };
  let done = 0;
  for (const actor of actors) {
    if (input.isHasty && run.findings.length > 0) break;
    const before = run.findings.length;
    await verifyActor(run, actor);
    input.onActor?.(actor.name, run.findings.length - before);
    done++;
  }
  await restore();
  if (!(input.isHasty && run.findings.length > 0)) {
    run.findings.push(...(await verifyDefinitions(input, world, run.moment)));
    run.surfaces.add('definitions');
  }
  return {
    actors: done,
    compared: run.tally.compared,
    surfaces: [...run.surfaces].sort(),
    findings: run.findings,
    notes: [...world.notes, ...left(input)],
  };
}

interface Run {
  readonly input: VerifyInput;
  readonly world: World;
  readonly keys: ReadonlyMap<string, string>;
  readonly restore: () => Promise<void>;
  readonly moment: Moment;
  readonly findings: Finding[];
  readonly surfaces: Set<string>;
  readonly tally: { compared: number };
}

/** Compares the two states through the eyes of one actor. */
async function verifyActor({ world: given, ...rest }: Run, actor: VerifyActor): Promise<void> {
  const { input } = rest;
  const body = { roles: actor.roles };
  dataOf(await given.admin({ method: 'PATCH', path: `/api/users/${given.readerId}`, body }));
  const world = await enter(input, given, actor, rest.keys);
  const run = { ...rest, world };
  const restore = async (): Promise<void> => {
    await rest.restore();
    await arrange(input, world, actor);
  };
  await restore();
  const focus = input.schema().entities.get(actor.focus);
  if (focus) await analyze(input.db, focus);
  const asked = await askSeen(world.reader, world);
  const { wrong, right } = judge(asked, actor, world);
  for (const what of wrong)
    run.findings.push({ kind: 'visible', actor: actor.name, probe: `list ${what}`, left: what, right: 'hidden' });
  try {
    await compareStates(run, restore, actor, right);
  } finally {
    await leave(input, world, actor);
  }
}

async function compareStates(run: Run, restore: () => Promise<void>, actor: VerifyActor, right: Seen): Promise<void> {
  const { input, world } = run;
  const probes = probesFor(run, actor, right);
  const first = await answer(run, probes, actor, true);
  await restore();
  await changeHidden(input.db, input.schema(), world, right);
  const second = await answer(run, probes, actor, false);
  for (const [i, probe] of probes.entries()) {
    run.tally.compared++;
    run.surfaces.add(probe.surface);
    for (const [kind, a, b] of [
      ['differs', first[i].plain, second[i].plain],
      ['unlike-none', first[i].like, first[i].none],
    ] as const) {
      const parts = a && b && difference(a, b);
      if (parts) run.findings.push({ kind, actor: actor.name, probe: `${probe.surface}: ${probe.what}`, ...parts });
    }
  }
  if (actor.hides !== null || (input.isHasty && run.findings.length > 0)) return;
  await restore();
  run.findings.push(...(await verifyEvents(input.url, world, actor, right)));
  run.surfaces.add('events');
}

function probesFor({ input, world }: Run, actor: VerifyActor, seen: Seen): Probe[] {
  const schema = input.schema();
  const entity = schema.entities.get(actor.focus);
  if (!entity) return [];
  const probing: ProbeInput = { schema, world, actor, seen, entity, pick: picker(actor.name) };
  const asReader = [...probesOfHiddenField(probing), ...probesOfHiddenRows(probing), ...probesOfFiles(probing)];
  const isReadable = seen.has(entity.id);
  return [
    ...asReader,
    ...(isReadable ? probesOfLists(probing) : []),
    ...probesOfNeighbours(probing),
    ...probesOfSystem(probing),
    ...(isReadable ? probesOfWrites(probing) : []),
    // They leave records behind, so they come last.
    ...probesOfImports(probing),
  ];
}

interface Answered {
  readonly plain: Plain;
  /** The same and the one about nothing, as far as the name goes; undefined: not asked. */
  readonly like?: Plain;
  readonly none?: Plain;
}

async function answer(run: Run, probes: readonly Probe[], actor: VerifyActor, isFirst: boolean): Promise<Answered[]> {
  const { world, moment } = run;
  const told = (kind: Finding['kind'], probe: Probe, left: string, right: string): number =>
    run.findings.push({ kind, actor: actor.name, probe: `${probe.surface}: ${probe.what}`, left, right });
  const one = async (probe: Probe): Promise<Answered> => {
    const got = await toPlain(await follow(world.reader, probe.ask, probe.follow), moment);
    if (got.status >= 500) told('failed', probe, `${got.status} ${got.body.slice(0, 200)}`, '');
    const word = probe.never?.find((each) => got.body.includes(each.replaceAll('"', '\\"')));
    if (word !== undefined && isFirst) told('visible', probe, got.body.slice(0, 200), `without ${word}`);
    // An import that is run leaves records, so both states have the same ones.
    if (!probe.none || (!isFirst && probe.follow !== 'import')) return { plain: got };
    const { ask, names } = probe.none;
    const none = await toPlain(await follow(world.reader, ask, probe.follow), moment);
    return { plain: got, like: asIfAsked(got, names), none: asIfAsked(none, names) };
  };
  const answers: Answered[] = [];
  // What only reads is asked some at a time; what may write, in turn.
  for (let i = 0; i < probes.length;) {
    let end = i + 1;
    while (end < probes.length && end - i < together && isRead(probes[i]) && isRead(probes[end])) end++;
    answers.push(...(await Promise.all(probes.slice(i, end).map(one))));
    i = end;
  }
  return answers;
}

const together = 4;

function isRead({ ask: { method = 'GET', path } }: Probe): boolean {
  return method === 'GET' || /\/(aggregate|query)$/.test(path);
}

/** Ids of all that stood before the probes: records, and what definitions and the history are known by. */
async function knownIds({ db }: VerifyInput, world: World): Promise<string[]> {
  const kept = await db.query<{ id: string }>({
    text: `select record_id::text as id from trellis.history union select user_id::text from trellis.credential union select id::text from trellis.notification`,
    values: [],
  });
  return [
    ...kept.map(({ id }) => id),
    ...[...world.rows.values()].flat().map(({ id }) => id),
    ...world.files.map(({ id }) => id),
  ];
}

async function lastEntry({ db }: VerifyInput): Promise<number> {
  const [{ last }] = await db.query<{ last: string }>({
    text: 'select coalesce(max(id), 0)::text as last from trellis.history',
    values: [],
  });
  return Number(last);
}

/** Numbers by a name: the same each time. */
function picker(name: string): (below: number) => number {
  let state = [...name].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) | 0, 7);
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

/** Disclosures that docs/security.md lists, which the suite leaves out. */
function left({ schema, entities }: VerifyInput): string[] {
  const model = schema();
  const computed = systemComputed(model).map(({ entity, key }) => `${entity}.${key}`);
  const ruled = entities.flatMap((id) => {
    const entity = model.entities.get(id);
    return entity ? fieldsOfRules(entity).map((key) => `${id}.${key}`) : [];
  });
  const told = (words: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${words}: ${names.join(', ')}.`];
  return [
    ...told('Declared system-computed, shown to no made role', computed),
    ...told('Rules speak of them, so who does not see them changes nothing', ruled),
  ];
}
