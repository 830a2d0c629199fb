import { signIn, type TestApp } from './app.js';
import type { Client } from './client.js';

/** A person who signs in by password, as a browser does. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** By session cookie. */
  readonly client: Client;
}

let people = 0;

/** A new user with a password of its own, signed in. */
export async function settledPerson(app: TestApp, roles: string[] = ['core.member']): Promise<Person> {
  const email = `someone-${++people}@example.com`;
  const password = 'a password of my own';
  const made = await app.admin.post('/api/users', { name: `Someone ${people}`, email, roles, password });
  if (made.status !== 201) throw new Error(`No user was made: ${made.text}`);
  const { client } = await signIn(app.anonymous, email, password);
  return { id: String(made.body.data.id), email, password, client };
}

/** The session cookie of an answer, as `name=value`. */
export function cookieOf(answer: { headers: Headers }): string {
  return String(answer.headers.get('set-cookie')).split(';')[0];
}
