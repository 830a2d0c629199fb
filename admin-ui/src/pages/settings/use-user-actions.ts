import { ref, shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { UserLink, UserRow } from '../../api/index.js';
import { clearUserTotp, createServiceKey, keys, makeUserLink, resetUserPassword, updateUser } from '../../api/index.js';
import { useFormatEnv, useSession } from '../../meta/index.js';
import type { MenuEntry } from '../../ui/index.js';
import { confirm } from '../../ui/index.js';
import { formatDateTime } from '../../widgets/index.js';
import { useAct } from './use-act.js';

/** What is told once: a one-time password, or a link. */
export interface Told {
  secret: string;
  title: string;
  text: string;
}

/** What an administrator does with a user's ways in. `told` is what must be shown once, `watched` whose sessions are looked at,
 * `actedAs` whom one is about to act as, `personalOf` whose data it is about, `keyOf` the service account that gets a key. */
export function useUserActions(edit: (user: UserRow) => void) {
  const { t } = useI18n();
  const env = useFormatEnv();
  const session = useSession();
  const { act, busy } = useAct(keys.admin('users'));
  const told = ref<Told | null>(null);
  const keyOf = shallowRef<{ id: string; name: string } | null>(null);
  const watched = shallowRef<UserRow | null>(null);
  const actedAs = shallowRef<UserRow | null>(null);
  const personalOf = shallowRef<UserRow | null>(null);

  function tellPassword(password: string): void {
    told.value = {
      secret: password,
      title: t('settings.users.secretTitle'),
      text: t('settings.users.secretText'),
    };
  }

  function tellLink(link: UserLink): void {
    told.value = {
      secret: link.url,
      title: t(link.kind === 'invite' ? 'settings.users.inviteLinkTitle' : 'settings.users.resetLinkTitle'),
      text: t(link.isMailed ? 'settings.users.linkMailed' : 'settings.users.linkByHand', {
        at: formatDateTime(link.expiresAt, env.value),
      }),
    };
  }

  /** A key of the service account that `keyOf` holds. */
  async function makeKey(input: { name: string; scopes?: string[]; expiresAt?: string }): Promise<void> {
    const account = keyOf.value;
    if (account === null) return;
    const worked = await act(async () => {
      const secret = await createServiceKey(account.id, input);
      told.value = { secret, title: account.name, text: t('settings.keys.secretText') };
    });
    if (worked) keyOf.value = null;
  }

  /** Asks first, in the words `<key>Title`, `<key>Text`, and the button `confirmKey`. */
  const ask = (user: UserRow, key: string, confirmKey: string, danger = false) =>
    confirm({
      title: t(`settings.users.${key}Title`, { name: user.name }),
      text: t(`settings.users.${key}Text`),
      confirm: t(`settings.users.${confirmKey}`),
      danger,
    });

  async function reset(user: UserRow): Promise<void> {
    if (await ask(user, 'reset', 'reset')) await act(async () => tellPassword(await resetUserPassword(user.id)));
  }

  async function link(user: UserRow): Promise<void> {
    if (await ask(user, 'link', 'linkMake')) await act(async () => tellLink(await makeUserLink(user.id)));
  }

  async function clearFactor(user: UserRow): Promise<void> {
    if (await ask(user, 'clearFactor', 'clearFactorDo', true))
      await act(() => clearUserTotp(user.id), t('settings.users.clearedFactor', { name: user.name }));
  }

  async function suspend(user: UserRow): Promise<void> {
    if (user.active && !(await ask(user, 'suspend', 'suspend', true))) return;
    await act(
      () => updateUser(user.id, { active: !user.active }),
      t(user.active ? 'settings.users.suspended' : 'settings.users.resumed', { name: user.name }),
    );
  }

  function entriesOf(user: UserRow): MenuEntry[] {
    const isPerson = user.kind === 'person';
    const personal: MenuEntry[] = [
      { label: t('settings.users.link'), icon: 'link', disabled: !user.active, run: () => void link(user) },
      { label: t('settings.users.reset'), icon: 'key', run: () => void reset(user) },
      ...(user.hasTotp
        ? [{ label: t('settings.users.clearFactor'), icon: 'shield', run: () => void clearFactor(user) }]
        : []),
    ];
    const canBeActedAs = isPerson && user.active && !user.roles.includes('core.administrator');
    return [
      { label: t('common.edit'), icon: 'pencil', run: () => edit(user) },
      ...(canBeActedAs ? [{ label: t('settings.users.actAs'), icon: 'eye', run: () => (actedAs.value = user) }] : []),
      ...(isPerson
        ? personal
        : [
            {
              label: t('settings.keys.new'),
              icon: 'key',
              disabled: !user.active,
              run: () => void (keyOf.value = user),
            },
          ]),
      ...(isPerson
        ? [
            {
              label: t('record.actions.personal'),
              icon: 'lock',
              run: () => void (personalOf.value = user),
            },
          ]
        : []),
      { label: t('settings.users.sessions'), icon: 'monitor', run: () => (watched.value = user) },
      {
        label: t(user.active ? 'settings.users.suspend' : 'settings.users.resume'),
        icon: user.active ? 'circle-pause' : 'circle-play',
        danger: user.active,
        disabled: user.id === session.user?.id,
        run: () => void suspend(user),
      },
    ];
  }

  return { act, busy, told, watched, actedAs, personalOf, keyOf, makeKey, tellPassword, tellLink, entriesOf };
}
