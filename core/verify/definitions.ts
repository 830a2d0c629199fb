import { hideable } from './actors.js';
import { difference, toPlain, type Moment, type Plain } from './compare.js';
import { probesOfDefinitions } from './probes-of-system.js';
import { dataOf } from './speak.js';
import type { Finding, VerifyInput } from './types.js';
import type { World } from './world.js';

/** Roles by which definitions are hidden: one field of each entity, and the first entity as a whole. */
const roles = { fields: 'x.verifyFields', entity: 'x.verifyEntity' } as const;

/** What is hidden may be called otherwise, and explained otherwise, and no catalog, form or description of the API tells. */
export async function verifyDefinitions(input: VerifyInput, world: World, moment: Moment): Promise<Finding[]> {
  const schema = input.schema();
  const entities = input.entities.flatMap((id) => schema.entities.get(id) ?? []);
  const hidden = entities.flatMap((entity) =>
    hideable(entity)
      .filter(({ system }) => !system)
      .slice(-1),
  );
  const [whole] = entities;
  if (!whole || hidden.length === 0) return [];
  const all = { read: 'all', create: true, update: 'all', delete: 'all', import: true, export: true };
  const change = (operations: readonly object[]) =>
    world.admin({ method: 'POST', path: '/api/catalog/apply', body: { reason: 'trellis plugin verify', operations } });
  const role = (id: string, value: object) => ({
    type: 'role',
    id,
    op: 'set',
    at: '',
    value: { title: 'V', ...value },
  });
  const made = await change([
    role(roles.fields, {
      grants: [{ entity: '*', ...all }],
      fields: hidden.map(({ entity, key }) => ({ entity, field: key, access: 'none' })),
    }),
    role(roles.entity, {
      grants: [
        { entity: '*', ...all },
        { entity: whole.id, read: 'none', create: false, update: 'none', delete: 'none' },
      ],
    }),
  ]);
  dataOf(made);
  const before = await answers(input, world, moment);
  const title = (type: string, id: string, at: string) => ({ type, id, op: 'set', at, value: 'Qzverify otherwise' });
  const renamed = (operations: readonly object[]) => change(operations).then(dataOf);
  await renamed(hidden.map(({ entity, key }) => title('entity', entity, `/properties/${key}/title`)));
  const fields = await answers(input, world, moment);
  await renamed([title('entity', whole.id, '/title'), title('entity', whole.id, '/x-entity/titlePlural')]);
  const entity = await answers(input, world, moment);
  return [
    ...compare('without one field of each entity', before.fields, fields.fields),
    ...compare(`without ${whole.id}`, fields.entity, entity.entity),
  ];
}

type Answers = ReadonlyMap<string, Plain>;

async function answers(
  input: VerifyInput,
  world: World,
  moment: Moment,
): Promise<{ readonly fields: Answers; readonly entity: Answers }> {
  const of = async (role: string): Promise<Answers> => {
    const body = { roles: [role] };
    dataOf(await world.admin({ method: 'PATCH', path: `/api/users/${world.readerId}`, body }));
    const all = new Map<string, Plain>();
    for (const id of input.entities)
      for (const { ask, what } of probesOfDefinitions(id)) {
        if (all.has(what)) continue;
        all.set(what, withoutEpoch(await toPlain(await world.reader(ask), moment)));
      }
    return all;
  };
  return { fields: await of(roles.fields), entity: await of(roles.entity) };
}

/** That definitions changed at all is told by the number of the catalog (docs/security.md), over which its tag is made. */
function withoutEpoch(plain: Plain): Plain {
  const body = plain.body.replace(/"epoch":\d+/, '"epoch":"<epoch>"');
  if (body === plain.body) return plain;
  return { ...plain, body, headers: plain.headers.replace(/^(etag|content-length): .*$/gm, '') };
}

function compare(actor: string, a: Answers, b: Answers): Finding[] {
  return [...a].flatMap(([what, plain]) => {
    const other = b.get(what);
    const parts = other && difference(plain, other);
    return parts ? [{ kind: 'differs' as const, actor, probe: `definitions: ${what}`, ...parts }] : [];
  });
}
