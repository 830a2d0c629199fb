import { createRequire } from 'node:module';
import pg, { type Connection, type PoolClient, type QueryResult, type Submittable } from 'pg';
import type { Statement } from '../sdk/index.js';
import { forgetPlan, isStalePlan, planName } from './prepared.js';

/** The driver's way from a value to what it sends; its types leave that out. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as { prepareValue(value: unknown): unknown };

/**
 * Sends two statements at once and ends them together: one round trip, one implicit transaction. The second one's snapshot is
 * taken when the first is done, so it sees what was committed while the first one waited. Rows are those of the second.
 */
export async function runTogether(client: PoolClient, first: string, then: Statement): Promise<QueryResult> {
  // Before anything is sent: a value that cannot be must not leave the first statement alone.
  const values = then.values.map(prepareValue);
  const lead: Prepared = { name: await planName(client, first), text: first };
  const name = then.replan ? undefined : await planName(client, then.text);
  try {
    return await new Promise((resolve, reject) =>
      client.query(
        new Together(lead, { text: then.text, values, name }, (error, result) =>
          error ? reject(error) : resolve(result),
        ),
      ),
    );
  } catch (error) {
    if (isStalePlan(error)) {
      forgetPlan(client, then.text);
      forgetPlan(client, first);
    }
    throw error;
  }
}

interface Prepared {
  readonly name: string | undefined;
  readonly text: string;
}

/** What the driver tells a query of its own; its types leave that out. */
interface DriverQuery extends Submittable {
  readonly _result: unknown;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleEmptyQuery(connection: Connection): void;
  handlePortalSuspended(connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleCopyInResponse(connection: Connection): void;
  handleCopyData(message: unknown, connection: Connection): void;
}

/** The driver's book of statements on a connection, by name. */
interface Book {
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
}

/**
 * A driver's query that is led by another statement: no Sync stands between the two, so the server takes both as one
 * transaction (PostgreSQL documentation, "Pipelining" in the message flow) and rolls both back where one fails.
 */
class Together implements Submittable {
  /** The statement that the server is at: the driver notes its name once it was parsed. */
  name: string | undefined;
  text: string;
  private readonly main: DriverQuery;
  private isLeadDone = false;

  constructor(
    private readonly lead: Prepared,
    private readonly then: Prepared & { readonly values: readonly unknown[] },
    done: (error: Error | undefined, result: QueryResult) => void,
  ) {
    this.name = lead.name;
    this.text = lead.text;
    const { name, text, values } = then;
    // Without a name or a value the driver would send a simple query, which has no Sync: the transaction would stay open.
    const config = { name, text, values: values as unknown[], queryMode: 'extended' };
    this.main = new pg.Query(config, done as unknown as (error: Error | undefined) => void) as unknown as DriverQuery;
  }

  /** Where the driver notes by which types values are read. */
  get _result(): unknown {
    return this.main._result;
  }

  submit(connection: Connection): unknown {
    const { name, text } = this.lead;
    const { parsedStatements } = connection as unknown as Book;
    // One packet for all of it.
    connection.stream.cork();
    try {
      if (name === undefined || parsedStatements[name] === undefined)
        connection.parse({ name: name ?? '', text, types: [] }, true);
      connection.bind({ statement: name ?? '' }, true);
      connection.execute({}, true);
      return this.main.submit(connection);
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription(message: unknown): void {
    this.main.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    if (this.isLeadDone) this.main.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.isLeadDone) return this.main.handleCommandComplete(message, connection);
    this.isLeadDone = true;
    this.name = this.then.name;
    this.text = this.then.text;
  }

  handleEmptyQuery(connection: Connection): void {
    this.main.handleEmptyQuery(connection);
  }

  handlePortalSuspended(connection: Connection): void {
    this.main.handlePortalSuspended(connection);
  }

  handleError(error: Error, connection: Connection): void {
    // What the server never came to is not prepared.
    const { submittedNamedStatements } = connection as unknown as Book;
    for (const { name } of [this.lead, this.then]) if (name !== undefined) delete submittedNamedStatements[name];
    this.main.handleError(error, connection);
  }

  handleReadyForQuery(connection: Connection): void {
    this.main.handleReadyForQuery(connection);
  }

  handleCopyInResponse(connection: Connection): void {
    this.main.handleCopyInResponse(connection);
  }

  handleCopyData(message: unknown, connection: Connection): void {
    this.main.handleCopyData(message, connection);
  }
}
