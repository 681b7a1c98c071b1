//! The mail about the sales of a day: seats and amounts compared with the previous such weekday, by show, and screenings that sell
//! poorly. It covers only the venues that its reader may currently see.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::{FromRow, PgPool};
use ticketshow_domain::{Currency, Language, Money, TimeZoneName, account::Profile};
use ticketshow_tickets::{LocalTime, amount};
use uuid::Uuid;

use super::{
    letter::Contents,
    mornings::check_reader,
    source::NoLongerRelevant,
    template::{ListName, Template},
};
use crate::worker::error::SagaError;

/// Time before the start from which a screening with few seats sold is listed.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Most shows, and most screenings, in a mail.
const LINES_MAX: i64 = 20;

/// Sales of a show, or of all, on two days.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Sold {
    pub title: Option<String>,
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    pub seats: i64,
    pub seats_before: i64,
    pub sold_minor: i64,
    pub sold_minor_before: i64,
    pub refunded_minor: i64,
}

/// A screening of which few seats are sold.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Slow {
    pub show_title: String,
    pub venue_name: String,
    pub screen_name: String,
    pub timezone: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub starts_at: Timestamp,
    pub capacity: i32,
    pub available_seats: i32,
}

/// Gathers the contents, or why the mail is no longer sent.
pub(super) async fn contents(
    pool: &PgPool,
    profile: &Profile,
    day: Date,
    now: Timestamp,
) -> Result<Result<Contents, NoLongerRelevant>, SagaError> {
    if let Err(reason) = check_reader(profile, day, now) {
        return Ok(Err(reason));
    }
    let venues: Option<Vec<Uuid>> =
        profile.venues.as_ref().map(|venues| venues.iter().map(|venue| venue.0).collect());
    let sold = sold(pool, venues.as_deref(), day).await?;
    let slow = slow(pool, venues.as_deref(), now).await?;
    Ok(Ok(written(profile.language.unwrap_or_default(), day, &sold, &slow)))
}

/// Returns the sales by show, the largest first, of these venues or of all.
async fn sold(pool: &PgPool, venues: Option<&[Uuid]>, day: Date) -> Result<Vec<Sold>, SagaError> {
    const SELECT: &str = "
        SELECT shows.title, s.currency,
               coalesce(sum(s.seats) FILTER (WHERE s.day = $1), 0)::bigint AS seats,
               coalesce(sum(s.seats) FILTER (WHERE s.day = $2), 0)::bigint AS seats_before,
               coalesce(sum(s.sold_minor) FILTER (WHERE s.day = $1), 0)::bigint AS sold_minor,
               coalesce(sum(s.sold_minor) FILTER (WHERE s.day = $2), 0)::bigint AS sold_minor_before,
               coalesce(sum(s.refunded_minor) FILTER (WHERE s.day = $1), 0)::bigint AS refunded_minor
        FROM read.sales s LEFT JOIN read.shows shows USING (show_id)
        WHERE s.span = 'day' AND (s.day = $1 OR s.day = $2) AND s.show_id <> $3
          AND CASE WHEN $4::uuid[] IS NULL THEN s.venue_id = $3 ELSE s.venue_id = ANY($4) END
        GROUP BY s.show_id, shows.title, s.currency
        ORDER BY sold_minor DESC, seats DESC, shows.title";
    let select = sqlx::query_as(SELECT).bind(day.to_sqlx()).bind(day.saturating_sub(7.days()).to_sqlx());
    Ok(select.bind(Uuid::nil()).bind(venues).fetch_all(pool).await?)
}

/// Returns screenings of the next days of which less than a tenth is sold, in the order of their start.
async fn slow(pool: &PgPool, venues: Option<&[Uuid]>, now: Timestamp) -> Result<Vec<Slow>, SagaError> {
    const SELECT: &str = "
        SELECT show_title, venue_name, screen_name, timezone, starts_at, capacity, available_seats
        FROM read.screenings
        WHERE status = 'active' AND starts_at > $1 AND starts_at <= $2 AND ($3::uuid[] IS NULL OR venue_id = ANY($3))
          AND (capacity - available_seats) * 10 < capacity
        ORDER BY starts_at, screening_id LIMIT $4";
    let (from, to) = (now.to_sqlx(), (now + SOON).to_sqlx());
    Ok(sqlx::query_as(SELECT).bind(from).bind(to).bind(venues).bind(LINES_MAX).fetch_all(pool).await?)
}

struct Words {
    seats: &'static str,
    sold: &'static str,
    refunded: &'static str,
    /// After a number: the same of the weekday before.
    before: &'static str,
    seat_of: &'static str,
    seats_of: &'static str,
    seat: &'static str,
    many_seats: &'static str,
    one_free: &'static str,
    free: &'static str,
    others: &'static str,
    unknown: &'static str,
}

const ENGLISH: Words = Words {
    seats: "Seats",
    sold: "Sold",
    refunded: "Refunded",
    before: "{} (a week before: {})",
    seat_of: "{} seat, {}",
    seats_of: "{} seats, {}",
    seat: "{} seat",
    many_seats: "{} seats",
    one_free: "{} of {} seats is free",
    free: "{} of {} seats are free",
    others: "Other shows",
    unknown: "A show",
};

const HINDI: Words = Words {
    seats: "सीटें",
    sold: "बिक्री",
    refunded: "वापस",
    before: "{} (एक हफ़्ते पहले: {})",
    seat_of: "{} सीट, {}",
    seats_of: "{} सीटें, {}",
    seat: "{} सीट",
    many_seats: "{} सीटें",
    one_free: "{2} में से {1} सीट ख़ाली है",
    free: "{2} में से {1} सीटें ख़ाली हैं",
    others: "दूसरे शो",
    unknown: "एक शो",
};

/// Puts two values into a sentence, in their order unless it numbers them.
fn put(sentence: &str, first: &str, second: &str) -> String {
    let numbered = sentence.replace("{1}", first).replace("{2}", second);
    numbered.replacen("{}", first, 1).replacen("{}", second, 1)
}

/// Writes the mail.
pub(super) fn written(language: Language, day: Date, sold: &[Sold], slow: &[Slow]) -> Contents {
    let words = match language {
        Language::En => &ENGLISH,
        Language::Hi => &HINDI,
    };
    let mut contents = Contents::new(Template::SalesOfDay, language);
    contents.values.insert("day", date_of(day, language));
    let seats: i64 = sold.iter().map(|show| show.seats).sum();
    let seats_before: i64 = sold.iter().map(|show| show.seats_before).sum();
    let sums = |of: fn(&Sold) -> i64| sums(sold, of);
    let amounts = [sums(|show| show.sold_minor), sums(|show| show.sold_minor_before)];
    let [amount_sold, amount_before] = amounts;
    let many_seats = if seats == 1 { words.seat } else { words.many_seats };
    contents.values.insert("seats", many_seats.replace("{}", &seats.to_string()));
    contents.values.insert("sold", amount_sold.clone());
    let how_many = match seats {
        0 => "nothing",
        1 => "one_seat",
        _ => "something",
    };
    contents.values.insert(how_many, String::new());
    let compared = |now: &str, before: &str| put(words.before, now, before);
    contents.facts.push((words.seats, compared(&seats.to_string(), &seats_before.to_string())));
    contents.facts.push((words.sold, compared(&amount_sold, &amount_before)));
    if sold.iter().any(|show| show.refunded_minor > 0) {
        contents.facts.push((words.refunded, sums(|show| show.refunded_minor)));
    }
    let shows = shows(sold, words);
    if !shows.is_empty() {
        contents.values.insert("shows", String::new());
        contents.lists.insert(ListName::Shows, shows);
    }
    if !slow.is_empty() {
        contents.values.insert("slow", String::new());
        let lines = slow.iter().map(|one| slow_line(one, words, language)).collect();
        contents.lists.insert(ListName::Slow, lines);
    }
    contents
}

/// The shows of the day, each with the same of the week before; those beyond the largest in one line.
fn shows(sold: &[Sold], words: &Words) -> Vec<(String, String)> {
    let of_day: Vec<&Sold> = sold.iter().filter(|show| show.seats > 0 || show.seats_before > 0).collect();
    let (largest, others) =
        of_day.split_at(of_day.len().min(usize::try_from(LINES_MAX).unwrap_or(usize::MAX)));
    let line = |name: &str, shows: &[&Sold]| {
        let figures = |seats: fn(&Sold) -> i64, minor: fn(&Sold) -> i64| {
            let count: i64 = shows.iter().map(|show| seats(show)).sum();
            let sentence = if count == 1 { words.seat_of } else { words.seats_of };
            put(sentence, &count.to_string(), &sums(shows.iter().copied(), minor))
        };
        let now = figures(|show| show.seats, |show| show.sold_minor);
        let before = figures(|show| show.seats_before, |show| show.sold_minor_before);
        (name.to_owned(), put(words.before, &now, &before))
    };
    let mut lines: Vec<_> = largest
        .iter()
        .map(|show| line(show.title.as_deref().unwrap_or(words.unknown), std::slice::from_ref(show)))
        .collect();
    if !others.is_empty() {
        lines.push(line(words.others, others));
    }
    lines
}

fn slow_line(slow: &Slow, words: &Words, language: Language) -> (String, String) {
    let zone = slow.timezone.parse::<TimeZoneName>();
    let starts = zone.map_or_else(
        |_| slow.starts_at.to_string(),
        |zone| {
            let LocalTime { date, time, .. } = LocalTime::in_language(slow.starts_at, &zone, language);
            format!("{date}, {time}")
        },
    );
    let place = format!("{}, {} ({}, {})", slow.show_title, starts, slow.venue_name, slow.screen_name);
    let free = if slow.available_seats == 1 { words.one_free } else { words.free };
    (place, put(free, &slow.available_seats.to_string(), &slow.capacity.to_string()))
}

/// Sums of each currency, joined by commas.
fn sums<'a>(shows: impl IntoIterator<Item = &'a Sold>, of: fn(&Sold) -> i64) -> String {
    let mut sums: Vec<Money> = Vec::new();
    for show in shows {
        match sums.iter_mut().find(|sum| sum.currency == show.currency) {
            Some(sum) => sum.amount_minor += of(show),
            None => sums.push(Money { amount_minor: of(show), currency: show.currency }),
        }
    }
    if sums.is_empty() {
        return "0".to_owned();
    }
    sums.into_iter().map(amount).collect::<Vec<_>>().join(", ")
}

/// `Sunday, 29 November 2026`.
fn date_of(day: Date, language: Language) -> String {
    let noon = TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0)).unwrap_or_default();
    match "UTC".parse() {
        Ok(zone) => LocalTime::in_language(noon, &zone, language).date,
        Err(_) => day.to_string(),
    }
}
