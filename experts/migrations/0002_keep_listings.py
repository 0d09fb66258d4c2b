from django.db import migrations

FUNCTION = r"""
CREATE FUNCTION experts_list(ids bigint[], texts boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever writes next then sees all the rows of the last one.
    PERFORM FROM experts_expert WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM experts_listing l WHERE l.expert_id = ANY(ids) AND NOT EXISTS (
        SELECT FROM experts_expert x WHERE x.id = l.expert_id AND x.status = 'active' AND x.accepting_clients
    );
    INSERT INTO experts_listing AS old (
        expert_id, market_id, verified, rating, standing, by_rating, price, opened, specialties, languages, away,
        listed_at, changed_at
    )
    SELECT x.id, x.market_id, x.verified, r.rating,
        -- Five more reviews of four stars, so that one guest makes nobody the best.
        round(1000.0 * (x.rating_sum + 20) / (x.review_count + 5))::int
            + CASE WHEN x.verified THEN 150 ELSE 0 END + 4 * least(x.completed_bookings, 50),
        r.rating * 100000 + least(x.review_count, 99999),
        coalesce((SELECT round(100 * x.price_min / e.per_usd)::bigint FROM markets_exchangerate e
            WHERE e.currency = x.currency), 1000000000000000),
        coalesce(x.active_since, date '2000-01-01') - date '2000-01-01',
        ARRAY(SELECT s.specialty_id FROM experts_expertspecialty s
            WHERE s.expert_id = x.id ORDER BY s.depth DESC, s.specialty_id),
        ARRAY(SELECT l.language FROM experts_expertlanguage l
            WHERE l.expert_id = x.id AND l.level >= 3 ORDER BY l.level DESC, l.language),
        ARRAY(SELECT u.days FROM experts_unavailableperiod u WHERE u.expert_id = x.id ORDER BY u.days),
        clock_timestamp(), clock_timestamp()
    FROM experts_expert x
    CROSS JOIN LATERAL (
        SELECT CASE WHEN x.review_count = 0 THEN 0
            ELSE round(100.0 * x.rating_sum / x.review_count)::int END AS rating
    ) r
    WHERE x.id = ANY(ids) AND x.status = 'active' AND x.accepting_clients
    ON CONFLICT (expert_id) DO UPDATE SET
        market_id = excluded.market_id, verified = excluded.verified, rating = excluded.rating,
        standing = excluded.standing, by_rating = excluded.by_rating, price = excluded.price,
        opened = excluded.opened, specialties = excluded.specialties, languages = excluded.languages,
        away = excluded.away, changed_at = excluded.changed_at
    WHERE (old.market_id, old.verified, old.rating, old.standing, old.by_rating, old.price, old.opened,
            old.specialties, old.languages, old.away)
        IS DISTINCT FROM (excluded.market_id, excluded.verified, excluded.rating, excluded.standing,
            excluded.by_rating, excluded.price, excluded.opened, excluded.specialties, excluded.languages,
            excluded.away);
    INSERT INTO experts_listingtext AS old (expert_id, words)
    SELECT l.expert_id, t.words || array_to_tsvector(m.marks)
    FROM experts_listing l
    LEFT JOIN experts_listingtext here ON here.expert_id = l.expert_id
    CROSS JOIN LATERAL (
        SELECT ARRAY['#m' || l.market_id] || ARRAY(SELECT '#s' || s FROM unnest(l.specialties) s)
            || ARRAY(SELECT '#l' || c FROM unnest(l.languages) c)
    ) m (marks)
    -- To read the texts is the costly part, and a new price changes none.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN texts OR here.expert_id IS NULL THEN experts_words(l.expert_id)
            ELSE ts_delete(here.words, ARRAY(SELECT w FROM unnest(tsvector_to_array(here.words)) w WHERE w LIKE '#%'))
            END
    ) t (words)
    WHERE l.expert_id = ANY(ids)
    ON CONFLICT (expert_id) DO UPDATE SET words = excluded.words WHERE old.words IS DISTINCT FROM excluded.words;
END $$;

CREATE FUNCTION experts_lexemes(typed text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT left(l, 64) FROM unnest(tsvector_to_array(to_tsvector('english'::regconfig,
        regexp_replace(normalize(typed, NFKD), '[\u0300-\u036f]', '', 'g')))) l WHERE l <> '')
$$;

CREATE FUNCTION experts_words(expert bigint) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT array_to_tsvector(t.titles || ARRAY(SELECT '=' || one FROM unnest(t.titles) one)
        || ARRAY(SELECT k.lexeme::text FROM experts_expertterm k WHERE k.expert_id = expert AND k.lexeme <> ''))
    FROM (
        SELECT experts_lexemes(concat_ws(E'\n', u.name, x.headline,
            (SELECT string_agg(s.name, E'\n') FROM experts_expertspecialty k
                JOIN experts_specialty s ON s.id = k.specialty_id WHERE k.expert_id = x.id),
            (SELECT string_agg(v.title, E'\n') FROM experts_service v WHERE v.expert_id = x.id AND v.is_active)
        )) AS titles
        FROM experts_expert x JOIN accounts_user u ON u.id = x.user_id WHERE x.id = expert
    ) t
$$;

CREATE FUNCTION experts_all_of(lexemes text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg('''' || replace(replace(l, '\', '\\'), '''', '''''') || '''', ' & ')::tsquery
    FROM unnest(lexemes) l
$$;

-- Who has all of these in the index, but not more than `most` of them. Without the scans of whole tables that the
-- planner takes for common words: it does not know what it costs to unpack a hundred thousand vectors.
CREATE FUNCTION experts_having(wanted tsquery, most int) RETURNS bigint[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_indexscan = off AS $$
BEGIN
    RETURN ARRAY(SELECT t.expert_id FROM experts_listingtext t WHERE t.words @@ wanted LIMIT most);
END $$;

-- Whether this expert has them. Called costly, because it is: so that it is asked last.
CREATE FUNCTION experts_has(expert bigint, wanted tsquery) RETURNS boolean LANGUAGE plpgsql STABLE COST 3000 AS $$
BEGIN
    RETURN EXISTS (SELECT FROM experts_listingtext t WHERE t.expert_id = expert AND t.words @@ wanted);
END $$;

-- What typed words and marks ask of the index, and the same of titles alone; NULL where nothing is asked.
CREATE FUNCTION experts_find(
    typed text, marks text[], titles boolean, most int,
    OUT wanted tsquery, OUT titled tsquery, OUT ids bigint[], OUT titled_ids bigint[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE lexemes text[] := experts_lexemes(typed);
BEGIN
    wanted := experts_all_of(lexemes || marks);
    IF wanted IS NOT NULL THEN ids := experts_having(wanted, most); END IF;
    IF titles AND lexemes <> '{}' THEN
        titled := experts_all_of(ARRAY(SELECT '=' || l FROM unnest(lexemes) l) || marks);
        titled_ids := experts_having(titled, most);
    END IF;
END $$;

CREATE FUNCTION experts_expert_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM experts_list(ARRAY(SELECT id FROM after), false);
    RETURN NULL;
END $$;

CREATE FUNCTION experts_expert_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids bigint[] := ARRAY(
    SELECT a.id FROM after a JOIN before b USING (id)
    WHERE (a.market_id, a.status, a.accepting_clients, a.verified, a.review_count, a.rating_sum,
            a.completed_bookings, a.price_min, a.currency, a.active_since)
        IS DISTINCT FROM (b.market_id, b.status, b.accepting_clients, b.verified, b.review_count, b.rating_sum,
            b.completed_bookings, b.price_min, b.currency, b.active_since)
);
BEGIN
    IF ids <> '{}' THEN PERFORM experts_list(ids, false); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION experts_part_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM experts_list(ARRAY(SELECT DISTINCT expert_id FROM after), false);
    RETURN NULL;
END $$;

CREATE FUNCTION experts_part_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM experts_list(ARRAY(SELECT DISTINCT expert_id FROM before), false);
    RETURN NULL;
END $$;

CREATE FUNCTION experts_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM experts_list(ARRAY(SELECT expert_id FROM before UNION SELECT expert_id FROM after), false);
    RETURN NULL;
END $$;

CREATE FUNCTION experts_user_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM experts_list(ARRAY(SELECT id FROM experts_expert WHERE user_id = NEW.id), true);
    RETURN NULL;
END $$;

CREATE TRIGGER listing_of_new_expert AFTER INSERT ON experts_expert
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION experts_expert_added();
CREATE TRIGGER listing_of_changed_expert AFTER UPDATE ON experts_expert
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION experts_expert_changed();
CREATE TRIGGER listing_of_renamed_user AFTER UPDATE OF name ON accounts_user
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION experts_user_renamed();
ALTER TABLE experts_listing ADD CONSTRAINT listing_expert
    FOREIGN KEY (expert_id) REFERENCES experts_expert (id) ON DELETE CASCADE;
ALTER TABLE experts_listingtext ADD CONSTRAINT listing_text
    FOREIGN KEY (expert_id) REFERENCES experts_listing (expert_id) ON DELETE CASCADE;
"""
DROP_FUNCTION = """
ALTER TABLE experts_listingtext DROP CONSTRAINT listing_text;
ALTER TABLE experts_listing DROP CONSTRAINT listing_expert;
DROP TRIGGER listing_of_renamed_user ON accounts_user;
DROP TRIGGER listing_of_changed_expert ON experts_expert;
DROP TRIGGER listing_of_new_expert ON experts_expert;
DROP FUNCTION experts_user_renamed, experts_part_changed, experts_part_removed, experts_part_added,
    experts_expert_changed, experts_expert_added, experts_find, experts_has, experts_having, experts_all_of,
    experts_words, experts_lexemes, experts_list;
"""
PART = """
CREATE TRIGGER listing_of_added_part AFTER INSERT ON {0}
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION experts_part_added();
CREATE TRIGGER listing_of_removed_part AFTER DELETE ON {0}
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION experts_part_removed();
CREATE TRIGGER listing_of_changed_part AFTER UPDATE ON {0}
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION experts_part_changed();
"""
DROP_PART = """
DROP TRIGGER listing_of_changed_part ON {0};
DROP TRIGGER listing_of_removed_part ON {0};
DROP TRIGGER listing_of_added_part ON {0};
"""
PARTS = ["experts_expertspecialty", "experts_expertlanguage", "experts_unavailableperiod"]


class Migration(migrations.Migration):
    dependencies = [("experts", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, DROP_FUNCTION),
        *[migrations.RunSQL(PART.format(part), DROP_PART.format(part)) for part in PARTS],
    ]
