import type { Migration } from './migration.js';

/**
 * Acting as somebody ends in many ways: one's own door, the administrator's session, an hour, changed rights. Whatever takes the session
 * out, the audit tells of its end, in the same transaction.
 */
export const actingEnds: Migration = {
  id: '0029-acting-ends',
  up: /* sql */ `
create function trellis.note_acting_end() returns trigger
language plpgsql as $body$
declare
  entry uuid := gen_random_uuid();
  salt bytea := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
  is_over boolean := old.expires_at <= now();
  payload text := jsonb_build_object('user', old.user_id, 'isExpired', is_over)::text;
begin
  insert into trellis.audit_entry (id, at, kind, actor, request_id, payload_hash)
  values (entry, case when is_over then old.expires_at else clock_timestamp() end, 'impersonation.ended', old.acting_user, null,
    sha256(salt || convert_to(payload, 'UTF8')));
  insert into trellis.audit_payload (entry_id, salt, payload, entity, records) values (entry, salt, payload, null, array[old.user_id]);
  return null;
end
$body$;
create trigger session_acting_end after delete on trellis.session for each row when (old.acting_user is not null)
  execute function trellis.note_acting_end();
`,
};
