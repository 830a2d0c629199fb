import pg, { type PoolClient, type QueryResult } from 'pg';

/** A shape is named from its third use on, so that one-off statements leave nothing behind on the server. */
const NAMED_FROM_USE = 3;
/** Named statements a connection keeps; the least recently used is deallocated. */
const KEEP = 200;
/** Shapes counted before they are named; beyond that the counts start again. */
const COUNT_AT_MOST = 2_000;

interface Shapes {
  /** Uses of shapes not yet named. */
  readonly uses: Map<string, number>;
  /** Text → name, least recently used first. */
  readonly named: Map<string, string>;
  nextName: number;
}

const shapesOf = new WeakMap<PoolClient, Shapes>();

/** Runs a statement on a connection, prepared once its text was seen three times there. */
export async function runPrepared(client: PoolClient, text: string, values: readonly unknown[]): Promise<QueryResult> {
  const shapes = shapesFor(client);
  const name = await nameFor(client, shapes, text);
  if (name === undefined) return client.query(text, values as unknown[]);
  try {
    return await send(client, name, text, values);
  } catch (error) {
    if (!isStalePlan(error)) {
      // A value that cannot be sent: the driver then closes the statement, but goes on taking its name for known.
      if (!(error instanceof pg.DatabaseError)) forget(client, shapes, text, name);
      throw error;
    }
    // A column was added since: forget the plan. Inside a transaction the error stands and the whole operation repeats.
    forget(client, shapes, text, name);
    throw Object.assign(error as Error, { stalePlan: true });
  }
}

/** As `client.query({ name, text, values })`, which copies the object property by property: that takes longer than sending it. */
function send(client: PoolClient, name: string, text: string, values: readonly unknown[]): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query(text, values as unknown[]) as pg.Query & {
      name: string;
      callback(error: Error | null, result: QueryResult): void;
    };
    query.name = name;
    query.callback = (error, result) => (error ? reject(error) : resolve(result));
    client.query(query);
  });
}

/** Name under which the connection keeps the plan of a text; undefined while it was seen too rarely. */
export function planName(client: PoolClient, text: string): Promise<string | undefined> {
  return nameFor(client, shapesFor(client), text);
}

/** True where the connection keeps a plan of the text already. */
export function isPrepared(client: PoolClient, text: string): boolean {
  return shapesOf.get(client)?.named.has(text) ?? false;
}

/** Forgets the plan of a text on a connection: its next use is parsed again. */
export function forgetPlan(client: PoolClient, text: string): void {
  const shapes = shapesFor(client);
  const name = shapes.named.get(text);
  if (name !== undefined) forget(client, shapes, text, name);
}

/** True for "cached plan must not change result type", also where it is the cause of an error of ours. */
export function isStalePlan(error: unknown): boolean {
  const { code, message, cause } = (error ?? {}) as { code?: string; message?: string; cause?: unknown };
  return (code === '0A000' && /cached plan/.test(message ?? '')) || (cause !== undefined && isStalePlan(cause));
}

function shapesFor(client: PoolClient): Shapes {
  let shapes = shapesOf.get(client);
  if (!shapes) shapesOf.set(client, (shapes = { uses: new Map(), named: new Map(), nextName: 0 }));
  return shapes;
}

async function nameFor(client: PoolClient, shapes: Shapes, text: string): Promise<string | undefined> {
  const known = shapes.named.get(text);
  if (known !== undefined) {
    // Only reorder when it matters: far from the limit, order is of no use.
    if (shapes.named.size > KEEP / 2) {
      shapes.named.delete(text);
      shapes.named.set(text, known);
    }
    return known;
  }
  const uses = (shapes.uses.get(text) ?? 0) + 1;
  if (uses < NAMED_FROM_USE) {
    if (shapes.uses.size >= COUNT_AT_MOST) shapes.uses.clear();
    shapes.uses.set(text, uses);
    return undefined;
  }
  shapes.uses.delete(text);
  if (shapes.named.size >= KEEP) {
    const [oldestText, oldestName] = shapes.named.entries().next().value as [string, string];
    await client.query(`deallocate "${oldestName}"`);
    forget(client, shapes, oldestText, oldestName);
  }
  const name = `t${shapes.nextName++}`;
  shapes.named.set(text, name);
  return name;
}

function forget(client: PoolClient, shapes: Shapes, text: string, name: string): void {
  shapes.named.delete(text);
  const { connection } = client as unknown as { connection: { parsedStatements: Record<string, string> } };
  delete connection.parsedStatements[name];
}
