import type { Migration } from './migration.js';

/** Characters that got a case partner after Unicode 10: nobody maps them (the list of `core/expression/text.ts`). */
const lateCase =
  '[\\u019b\\u0264\\u0282\\u10d0-\\u10fa\\u10fd-\\u10ff\\u1c89-\\u1c8a\\u1c90-\\u1cbf\\u1d8e\\u2c2f\\u2c5f\\ua794\\ua7b8-\\ua7f6\\U00010570-\\U000105bc\\U00010d50-\\U00010d85\\U00016e40-\\U00016e7f\\U00016ea0-\\U00016ed3]';
const later = `(${lateCase}+|[^${lateCase.slice(1)}+)`;

/** Twins of functions of `core/expression`, where PostgreSQL has none that means exactly the same. All total: never an error. */
export const expression: Migration = {
  id: '0002-expression',
  up: /* sql */ `
-- Quotient to 12 places, halves to the even neighbour; null for a zero divisor.
create function trellis.expr_div(a numeric, b numeric) returns numeric language plpgsql immutable strict parallel safe as $$
declare
  scaled numeric := a * 1000000000000;
  whole numeric;
  rest numeric;
begin
  if b = 0 then return null; end if;
  whole := div(scaled, b);
  rest := abs(scaled - whole * b) * 2;
  if rest > abs(b) or (rest = abs(b) and mod(whole, 2) <> 0) then whole := whole + sign(a) * sign(b); end if;
  return whole * 0.000000000001;
end $$;

-- Remainder with the sign of the divisor; null for a zero divisor.
create function trellis.expr_mod(a numeric, b numeric) returns numeric language plpgsql immutable strict parallel safe as $$
declare rest numeric;
begin
  if b = 0 then return null; end if;
  rest := mod(a, b);
  return case when rest = 0 or sign(rest) = sign(b) then rest else rest + b end;
end $$;

-- A count of characters: whole, within 0 and the largest integer.
create function trellis.expr_count(n numeric) returns integer language sql immutable strict parallel safe
  return least(greatest(trunc(n), 0), 2147483647)::integer;

-- The case rule: Unicode's full mapping without context (no final sigma), of the case pairs of Unicode 10.
create function trellis.expr_lower(a text) returns text language plpgsql immutable strict parallel safe as $$
begin
  if octet_length(a) = char_length(a) then return lower(a collate "C"); end if;
  a := replace(a, 'Σ', 'σ');
  if a !~ '${lateCase}' then return lower(a collate "und-x-icu"); end if;
  return (select string_agg(case when part[1] ~ '^${lateCase}' then part[1] else lower(part[1] collate "und-x-icu") end, '' order by place)
    from regexp_matches(a, '${later}', 'g') with ordinality as pieces(part, place));
end $$;

create function trellis.expr_upper(a text) returns text language plpgsql immutable strict parallel safe as $$
begin
  if octet_length(a) = char_length(a) then return upper(a collate "C"); end if;
  if a !~ '${lateCase}' then return upper(a collate "und-x-icu"); end if;
  return (select string_agg(case when part[1] ~ '^${lateCase}' then part[1] else upper(part[1] collate "und-x-icu") end, '' order by place)
    from regexp_matches(a, '${later}', 'g') with ordinality as pieces(part, place));
end $$;

-- What a text is compared by where case does not count.
create function trellis.expr_fold(a text) returns text language plpgsql immutable strict parallel safe as $$
begin
  if octet_length(a) = char_length(a) then return lower(a collate "C"); end if;
  return replace(trellis.expr_lower(a), 'ς', 'σ');
end $$;

-- The number that a text says, or null.
create function trellis.expr_value(a text) returns numeric language plpgsql immutable strict parallel safe as $$
begin
  return case when a ~ '^[ \\t\\n\\r]*[+-]?[0-9]{1,40}([.][0-9]{1,20})?[ \\t\\n\\r]*$' then btrim(a, E' \\t\\n\\r')::numeric end;
end $$;

create function trellis.expr_date(year numeric, month numeric, day numeric) returns date language plpgsql immutable strict parallel safe as $$
begin
  if year <> trunc(year) or month <> trunc(month) or day <> trunc(day) then return null; end if;
  if year not between 1 and 9999 or month not between 1 and 12 or day not between 1 and 31 then return null; end if;
  if day > 28 and day > extract(day from make_date(year::integer, month::integer, 1) + interval '1 month' - interval '1 day') then return null; end if;
  return make_date(year::integer, month::integer, day::integer);
end $$;

-- The date that a text YYYY-MM-DD says, or null.
create function trellis.expr_date(a text) returns date language plpgsql immutable strict parallel safe as $$
begin
  if a !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then return null; end if;
  return trellis.expr_date(substr(a, 1, 4)::numeric, substr(a, 6, 2)::numeric, substr(a, 9, 2)::numeric);
end $$;

-- Whole days later; null outside the years 1 to 9999.
create function trellis.expr_add_days(a date, n numeric) returns date language plpgsql immutable strict parallel safe as $$
declare day numeric := (a - date '0001-01-01') + trunc(n);
begin
  return case when day between 0 and 3652058 then date '0001-01-01' + day::integer end;
end $$;

-- Whole days of 24 hours later; null outside the years 1 to 9999. Seconds are checked before PostgreSQL's own range could refuse.
create function trellis.expr_add_days(a timestamptz, n numeric) returns timestamptz language plpgsql immutable strict parallel safe as $$
declare seconds numeric := extract(epoch from a) + trunc(n) * 86400;
begin
  return case when seconds >= -62135596800 and seconds < 253402300800 then a + trunc(n)::integer * interval '24 hours' end;
end $$;

-- Whole months later; the day is held within the month. Null outside the years 1 to 9999.
create function trellis.expr_add_months(a date, n numeric) returns date language plpgsql immutable strict parallel safe as $$
declare
  months integer := trunc(greatest(least(n, 120000), -120000))::integer;
  year integer := floor((extract(year from a) * 12 + extract(month from a) - 1 + months) / 12)::integer;
begin
  return case when year between 1 and 9999 then (a + make_interval(months => months))::date end;
end $$;

-- Whole months later at the same local time.
create function trellis.expr_add_months(a timestamptz, n numeric, zone text) returns timestamptz language plpgsql immutable strict parallel safe as $$
declare
  local timestamp := a at time zone zone;
  day date := trellis.expr_add_months(local::date, n);
  result timestamptz := (day + local::time) at time zone zone;
begin
  return case when result >= timestamptz '0001-01-01 00:00:00+00' and result < timestamptz '10000-01-01 00:00:00+00' then result end;
end $$;
`,
};
