from datetime import timedelta

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
from django.contrib.postgres.indexes import GistIndex
from django.db import migrations, models
from django.db.models.lookups import GreaterThanOrEqual

# That of 0002_keep_listings, and the days of work.
LIST = r"""
CREATE OR REPLACE FUNCTION experts_list(ids bigint[], texts boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever writes next then sees all the rows of the last one.
    PERFORM FROM experts_expert WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM experts_listing l WHERE l.expert_id = ANY(ids) AND NOT EXISTS (
        SELECT FROM experts_expert x WHERE x.id = l.expert_id AND x.status = 'active' AND x.accepting_clients
    );
    INSERT INTO experts_listing AS old (
        expert_id, market_id, verified, rating, standing, by_rating, price, opened, specialties, languages, away,
        {columns} listed_at, changed_at
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
        {values}
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
        away = excluded.away, {changes} changed_at = excluded.changed_at
    WHERE (old.market_id, old.verified, old.rating, old.standing, old.by_rating, old.price, old.opened,
            old.specialties, old.languages, {before} old.away)
        IS DISTINCT FROM (excluded.market_id, excluded.verified, excluded.rating, excluded.standing,
            excluded.by_rating, excluded.price, excluded.opened, excluded.specialties, excluded.languages,
            {after} excluded.away);
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
"""
DAYS = {
    "columns": "weekdays, extra,",
    # What goes on after midnight is work on the next day as well. Without a plan all days are days of work.
    "values": """
        coalesce((SELECT bit_or((1 << h.weekday) | CASE WHEN h.closes > 1440 THEN 1 << (h.weekday + 1) % 7 ELSE 0 END)
            FROM experts_weeklyhours h WHERE h.expert_id = x.id), 127),
        ARRAY(SELECT daterange(lower(e.days), upper(e.days) + CASE WHEN e.closes > 1440 THEN 1 ELSE 0 END) AS days
            FROM experts_calendarexception e WHERE e.expert_id = x.id AND e.kind = 'free' ORDER BY 1),""",
    "changes": "weekdays = excluded.weekdays, extra = excluded.extra,",
    "before": "old.weekdays, old.extra,",
    "after": "excluded.weekdays, excluded.extra,",
}
FUNCTION, FUNCTION_BEFORE = LIST.format(**DAYS), LIST.format(**dict.fromkeys(DAYS, ""))
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
PARTS = ["experts_weeklyhours", "experts_calendarexception"]
REFRESH = """
SELECT experts_list(ARRAY(
    SELECT expert_id FROM experts_weeklyhours UNION SELECT expert_id FROM experts_calendarexception
), false);
"""


class Migration(migrations.Migration):
    dependencies = [("experts", "0003_taxonomy_and_roles")]

    operations = [
        migrations.AddField(
            "listing",
            "weekdays",
            models.SmallIntegerField(
                default=127, help_text="Bits of the weekdays of work, Monday's the lowest."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "listing",
            "extra",
            django.contrib.postgres.fields.ArrayField(
                base_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                default=list,
                help_text="Days of work besides.",
                size=None,
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "importedevent",
            GistIndex(
                models.Func("start", "end", function="tstzrange"),
                condition=models.Q(
                    GreaterThanOrEqual(models.F("end") - models.F("start"), timedelta(hours=23))
                ),
                name="imported_event_of_days",
            ),
        ),
        migrations.RunSQL(FUNCTION, FUNCTION_BEFORE),
        *[migrations.RunSQL(PART.format(part), DROP_PART.format(part)) for part in PARTS],
        migrations.RunSQL(REFRESH, migrations.RunSQL.noop),
    ]
