import pg, { type Connection, type PoolClient, type QueryResult } from 'pg';

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
  /** Name → columns of its rows, as the server told them once. They cannot change: it refuses a plan whose columns would. */
  readonly columns: Map<string, Columns>;
  nextName: number;
}

/** What the driver makes of a description of rows; its types leave that out. */
interface Columns {
  readonly fields: unknown;
  readonly _parsers: unknown;
  readonly _prebuiltEmptyResultObject: unknown;
}

const shapesOf = new WeakMap<PoolClient, Shapes>();

/** Runs a statement on a connection, prepared once its text was seen three times there. */
export async function runPrepared(client: PoolClient, text: string, values: readonly unknown[]): Promise<QueryResult> {
  const shapes = shapesFor(client);
  const name = await nameFor(client, shapes, text);
  if (name === undefined) return client.query(text, values as unknown[]);
  try {
    return await send(client, shapes, name, text, values);
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

/**
 * As `client.query({ name, text, values })`, which copies the object property by property: that takes longer than sending it. The
 * columns are asked for the first time only.
 */
function send(
  client: PoolClient,
  shapes: Shapes,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    const query = new Known(text, values as unknown[]) as DriverQuery;
    query.name = name;
    query.columns = shapes.columns.get(name);
    query.callback = (error, result) => {
      if (error) return reject(error);
      // A value that cannot be sent is told twice, the second time when the name counts no more.
      if (!query.columns && shapes.named.get(text) === name) {
        const { fields, _parsers, _prebuiltEmptyResultObject } = query._result;
        shapes.columns.set(name, { fields, _parsers, _prebuiltEmptyResultObject });
      }
      resolve(result);
    };
    client.query(query);
  });
}

/** A statement of the driver, with what its types leave out. */
type DriverQuery = pg.Query & {
  name: string;
  columns: Columns | undefined;
  _result: Columns;
  _accumulateRows: boolean;
  callback(error: Error | null, result: QueryResult): void;
  prepare(connection: Connection): void;
  hasBeenParsed(connection: Connection): boolean;
};

/** Does not ask for columns that are known. */
class Known extends (pg.Query as unknown as new (text: string, values: unknown[]) => DriverQuery) {
  override prepare(connection: Connection): void {
    if (!this.columns || !this.hasBeenParsed(connection)) return super.prepare(connection);
    Object.assign(this._result, this.columns);
    // As the description would.
    this._accumulateRows = true;
    super.prepare(askingNothing(connection));
  }
}

const silenced = new WeakMap<Connection, Connection>();

/** The same connection, over which no description is asked for. */
function askingNothing(connection: Connection): Connection {
  let silent = silenced.get(connection);
  if (!silent) {
    silent = Object.create(connection, { describe: { value: () => undefined } }) as Connection;
    silenced.set(connection, silent);
  }
  return silent;
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
  if (!shapes) shapesOf.set(client, (shapes = { uses: new Map(), named: new Map(), columns: new Map(), nextName: 0 }));
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
  shapes.columns.delete(name);
  const { connection } = client as unknown as { connection: { parsedStatements: Record<string, string> } };
  delete connection.parsedStatements[name];
}
