import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { SessionAnswer } from '../api/index.js';
import {
  changeSession,
  closeEvents,
  getSession,
  signIn as postSession,
  signOut as deleteSession,
} from '../api/index.js';

/** Who is signed in. `known` is false until the server was asked once. */
export const useSession = defineStore('session', () => {
  const session = shallowRef<SessionAnswer | null>(null);
  const known = shallowRef(false);
  const user = computed(() => session.value?.user ?? null);
  const isAdministrator = computed(() => session.value?.roles.includes('core.administrator') ?? false);

  /** Signed in, with nothing to do first. */
  const isSettled = computed(
    () => session.value !== null && !session.value.mustChangePassword && !session.value.mustSetUpSecondFactor,
  );

  async function load(): Promise<SessionAnswer | null> {
    session.value = await getSession();
    known.value = true;
    return session.value;
  }

  async function signIn(email: string, password: string, totp?: string): Promise<SessionAnswer> {
    session.value = await postSession({ email, password, totp });
    known.value = true;
    return session.value;
  }

  /** Signed in by another way than a password. */
  function enter(answer: SessionAnswer): void {
    session.value = answer;
    known.value = true;
  }

  /** Keeps one's own language and time zone on the server; null: the workspace's. */
  async function prefer(patch: { locale?: string | null; zone?: string | null }): Promise<void> {
    session.value = await changeSession(patch);
  }

  async function signOut(): Promise<void> {
    await deleteSession();
    forget();
  }

  /** The session ended elsewhere. */
  function forget(): void {
    closeEvents();
    session.value = null;
  }

  return { session, known, user, isAdministrator, isSettled, load, signIn, enter, prefer, signOut, forget };
});
