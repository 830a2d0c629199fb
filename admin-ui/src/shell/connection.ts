import { readonly, ref } from 'vue';

const online = ref(true);

/** Told by the API client after each request. */
export function setConnection(next: boolean): void {
  online.value = next;
}

/** Whether the server answered last time, for the bar that says so. */
export function useConnection() {
  return readonly(online);
}

addEventListener('offline', () => setConnection(false));
addEventListener('online', () => setConnection(true));
