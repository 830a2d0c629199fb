import { ref } from 'vue';
import { createRecord, deleteRecord, keys } from '../../api/index.js';
import type { LinkValue } from '../../api/index.js';
import type { MembershipChange } from './MembershipDialog.vue';
import { useAct } from './use-act.js';

/** A user of a group; `id` is that of the membership. */
export interface Member {
  id: string;
  user: LinkValue;
}

/** Memberships of a team or territory, which begin and end once that was confirmed. `group`: its id. */
export function useMembership(kind: 'team' | 'territory', group: () => string) {
  const entity = `core.${kind}Member`;
  const { act, busy } = useAct(keys.entity(entity));
  /** The membership that is asked about. */
  const asked = ref<MembershipChange | null>(null);

  function askToAdd(user: { id: string; name: string }): void {
    asked.value = { user, ends: null };
  }
  function askToDrop(members: readonly Member[], id: string): void {
    const user = members.find((each) => each.id === id)?.user;
    if (user) asked.value = { user: { id: user.id, name: user.title ?? '' }, ends: id };
  }
  async function change(): Promise<void> {
    if (asked.value === null) return;
    const { user, ends } = asked.value;
    const worked = await act(() =>
      ends === null ? createRecord(entity, { [kind]: group(), user: user.id }) : deleteRecord(entity, ends),
    );
    if (worked) asked.value = null;
  }

  return { entity, asked, busy, askToAdd, askToDrop, change };
}
