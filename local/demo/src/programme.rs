//! The programme of the demo data: a timetable that depends only on the date, so that every run computes the same one.

use anyhow::{Context, Result};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::catalogue::{Kind, Show, Venue};

/// Number of days with a programme, including today.
pub const DAYS: i64 = 14;
/// Days that a title stays on a screen.
const RUN_DAYS: i64 = 5;
/// Minimum minutes between two films on one screen.
const CLEANING_MINUTES: i64 = 25;
/// Minimum minutes from now to the start of a screening.
const NOTICE_MINUTES: i64 = 30;

/// One entry of a screen's timetable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Local date; a screening after midnight belongs to the evening before.
    pub date: Date,
    /// Number in that day, from 0.
    pub number: usize,
    /// Index into the list of shows.
    pub show: usize,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Returns the timetable of a venue's screen (counted from 0) from `now` on. `seed` differs for each screen of all venues.
pub fn timetable(
    venue: &Venue,
    screen: usize,
    seed: usize,
    shows: &[Show],
    now: Timestamp,
) -> Result<Vec<Slot>> {
    let zone = TimeZone::get(&venue.timezone).context("a time zone of the demo data")?;
    let repertoire: Vec<usize> = (0..shows.len())
        .filter(|show| {
            shows[*show].kind == venue.programme && venue.languages.contains(&shows[*show].language)
        })
        .collect();
    let today = now.to_zoned(zone.clone()).date();
    let mut slots = Vec::new();
    for day in 0..DAYS {
        let date = today.checked_add(day.days())?;
        let run = days_since_epoch(date) / RUN_DAYS;
        let title = |number: usize| {
            repertoire[(seed * 7 + number + usize::try_from(run).unwrap_or(0) * 3) % repertoire.len()]
        };
        let of_day = match venue.programme {
            Kind::Film => films(venue, date, screen, &title, shows)?,
            Kind::Play => plays(date, screen, &title)?,
        };
        for (number, (show, local)) in of_day.into_iter().enumerate() {
            let starts_at = local.to_zoned(zone.clone())?.timestamp();
            let ends_at = starts_at + SignedDuration::from_mins(shows[show].minutes.into());
            slots.push(Slot { date, number, show, starts_at, ends_at });
        }
    }
    let earliest = now + SignedDuration::from_mins(NOTICE_MINUTES);
    slots.retain(|slot| slot.starts_at >= earliest);
    Ok(slots)
}

type Local = (usize, jiff::civil::DateTime);

/// Films one after the other from opening to closing. Starting times are multiples of five minutes.
fn films(
    venue: &Venue,
    date: Date,
    screen: usize,
    title: &impl Fn(usize) -> usize,
    shows: &[Show],
) -> Result<Vec<Local>> {
    let (opens, closes): (Time, Time) = (venue.opens_at.parse()?, venue.closes_at.parse()?);
    let closing_day = if closes <= opens { date.tomorrow()? } else { date };
    let closes = closing_day.to_datetime(closes);
    let mut next = date.to_datetime(opens) + SignedDuration::from_mins(30 + 20 * i64::try_from(screen)?);
    let mut slots = Vec::new();
    for number in 0.. {
        let show = title(number);
        let ends = next + SignedDuration::from_mins(shows[show].minutes.into());
        if ends > closes {
            break;
        }
        slots.push((show, next));
        next = on_five_minutes(ends + SignedDuration::from_mins(CLEANING_MINUTES));
    }
    Ok(slots)
}

/// One play per evening except Mondays: another one from Friday on, and a third one as a matinée at the weekend.
fn plays(date: Date, screen: usize, title: &impl Fn(usize) -> usize) -> Result<Vec<Local>> {
    let evening = Time::new(19, if screen == 0 { 30 } else { 45 }, 0, 0)?;
    let matinee = Time::new(15, 30, 0, 0)?;
    let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    let play = title(usize::from(weekend || date.weekday() == Weekday::Friday));
    let mut slots = Vec::new();
    if date.weekday() == Weekday::Monday {
        return Ok(slots);
    }
    if weekend {
        slots.push((title(2), date.to_datetime(matinee)));
    }
    slots.push((play, date.to_datetime(evening)));
    Ok(slots)
}

fn on_five_minutes(time: jiff::civil::DateTime) -> jiff::civil::DateTime {
    let over = i64::from(time.minute()) % 5;
    time + SignedDuration::from_mins(if over == 0 { 0 } else { 5 - over })
}

fn days_since_epoch(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::catalogue::{cities, shows, venues};

    fn all(now: &str) -> Vec<(Venue, usize, Vec<Slot>)> {
        let (venues, shows, now) = (venues().unwrap(), shows().unwrap(), now.parse().unwrap());
        let mut seed = 0;
        let mut timetables = Vec::new();
        for venue in venues {
            for screen in 0..venue.screens.len() {
                timetables.push((
                    venue.clone(),
                    screen,
                    timetable(&venue, screen, seed, &shows, now).unwrap(),
                ));
                seed += 1;
            }
        }
        timetables
    }

    #[test]
    fn there_is_enough_of_everything() {
        let venues = venues().unwrap();
        let zones: HashSet<_> = venues.iter().map(|venue| &venue.timezone).collect();
        assert!(cities(&venues) >= 6 && zones.len() >= 3);
        assert_eq!((venues.len(), all("2026-11-22T06:00:00Z").len()), (20, 40));
        assert_eq!(shows().unwrap().len(), 60);
    }

    #[test]
    fn nothing_overlaps_and_some_films_end_past_midnight() {
        let mut past_midnight = 0;
        for (venue, _, slots) in all("2026-11-22T06:00:00Z") {
            let zone = TimeZone::get(&venue.timezone).unwrap();
            assert!(slots.windows(2).all(|pair| pair[0].ends_at < pair[1].starts_at));
            past_midnight +=
                slots.iter().filter(|slot| slot.ends_at.to_zoned(zone.clone()).date() > slot.date).count();
        }
        assert!(past_midnight > 100, "{past_midnight}");
    }

    #[test]
    fn everything_is_inside_the_opening_hours() {
        for (venue, _, slots) in all("2026-11-22T06:00:00Z") {
            let zone = TimeZone::get(&venue.timezone).unwrap();
            let (opens, closes): (Time, Time) =
                (venue.opens_at.parse().unwrap(), venue.closes_at.parse().unwrap());
            for slot in slots {
                let opening = slot.date.to_datetime(opens);
                let closing_day = if closes <= opens { slot.date.tomorrow().unwrap() } else { slot.date };
                let local = |time: Timestamp| time.to_zoned(zone.clone()).datetime();
                assert!(local(slot.starts_at) >= opening, "{} {slot:?}", venue.name);
                assert!(local(slot.ends_at) <= closing_day.to_datetime(closes), "{} {slot:?}", venue.name);
            }
        }
    }

    #[test]
    fn the_timetable_of_a_day_does_not_depend_on_when_it_is_made() {
        for ((_, _, early), (_, _, late)) in
            all("2026-11-22T06:00:00Z").into_iter().zip(all("2026-11-24T11:00:00Z"))
        {
            let known: Vec<_> =
                late.iter().filter(|slot| early.iter().any(|other| other.date == slot.date)).collect();
            assert!(!known.is_empty());
            assert!(known.into_iter().all(|slot| early.contains(slot)));
        }
    }

    #[test]
    fn every_show_is_on_somewhere() {
        let shown: HashSet<_> = all("2026-11-22T06:00:00Z")
            .into_iter()
            .flat_map(|(_, _, slots)| slots)
            .map(|slot| slot.show)
            .collect();
        let missing: Vec<_> = shows()
            .unwrap()
            .into_iter()
            .enumerate()
            .filter(|(index, _)| !shown.contains(index))
            .map(|(_, show)| show.title)
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
