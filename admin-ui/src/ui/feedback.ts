import { readonly, ref } from 'vue';

export interface ToastInput {
  text: string;
  kind?: 'info' | 'success' | 'error';
  /** One thing to do about it, e.g. undo. */
  action?: { label: string; run: () => void };
  /** Absent: 6 s, 10 s with an action; errors stay until closed. */
  timeoutMs?: number;
}

export interface Toast extends ToastInput {
  id: number;
}

export interface ConfirmInput {
  title: string;
  /** Says exactly what goes. */
  text: string;
  /** Verb on the button. */
  confirm: string;
  danger?: boolean;
  /** The user must type this text first; for what cannot be undone. */
  typeToConfirm?: string;
}

interface PendingConfirm extends ConfirmInput {
  answer: (yes: boolean) => void;
}

const toasts = ref<Toast[]>([]);
const pending = ref<PendingConfirm | null>(null);
let lastId = 0;

/** Shows a short message in the corner. Returns a function that takes it away. */
export function toast(input: ToastInput): () => void {
  const id = ++lastId;
  toasts.value = [...toasts.value.slice(-4), { ...input, id }];
  const timeoutMs = input.timeoutMs ?? (input.kind === 'error' ? 0 : input.action ? 10_000 : 6_000);
  if (timeoutMs > 0) setTimeout(() => closeToast(id), timeoutMs);
  return () => closeToast(id);
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** Asks in a dialog; true if the user agrees. */
export function confirm(input: ConfirmInput): Promise<boolean> {
  pending.value?.answer(false);
  return new Promise((resolve) => {
    pending.value = {
      ...input,
      answer: (yes) => {
        pending.value = null;
        resolve(yes);
      },
    };
  });
}

/** For the two components that show them. */
export function useFeedback() {
  return { toasts: readonly(toasts), pending: readonly(pending) };
}
