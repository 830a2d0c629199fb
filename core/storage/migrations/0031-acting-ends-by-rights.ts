import type { Migration } from './migration.js';

/**
 * Acting that changed rights had ended (either side's epoch moved on, the administrator is suspended) is no acting whose hour was over,
 * however late its session is taken out: it is told as such, at the time of the entry.
 */
export const actingEndsByRights: Migration = {
  id: '0031-acting-ends-by-rights',
  up: /* sql */ `
create or replace function trellis.note_acting_end() returns trigger
language plpgsql as $body$
declare
  entry uuid := gen_random_uuid();
  salt bytea := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
  is_revoked boolean := exists (select from trellis.credential c where c.user_id = old.acting_user
      and not (c.active and c.security_epoch = old.acting_epoch))
    or exists (select from trellis.credential c where c.user_id = old.user_id
      and not (c.active and c.security_epoch = old.own_epoch));
  is_over boolean := old.expires_at <= now() and not is_revoked;
  payload text := jsonb_build_object('user', old.user_id, 'isExpired', is_over, 'isRevoked', is_revoked)::text;
begin
  insert into trellis.audit_entry (id, at, kind, actor, request_id, payload_hash)
  values (entry, case when is_over then old.expires_at else clock_timestamp() end, 'impersonation.ended', old.acting_user, null,
    sha256(salt || convert_to(payload, 'UTF8')));
  insert into trellis.audit_payload (entry_id, salt, payload, entity, records) values (entry, salt, payload, null, array[old.user_id]);
  return null;
end
$body$;
`,
};
