//! Row 10: the twelve busiest reads of a large installation, which is written to its log and projected from there.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use serde_json::{Value, json};
use ticketshow_tests::{Client, Server, eventually_within};
use uuid::Uuid;

use crate::{
    Options,
    bulk::{Bulk, History, event},
    drive::{Script, as_f64, drive},
    report::{Line, grouped},
    site::{Site, SyncInterval, address},
    wire::{Reply, request},
};

const CITIES: usize = 60;
const VENUES: usize = 600;
const SCREENS: usize = 1_200;
const CUSTOMERS: usize = 1_000;
/// A screening of a screen begins every three hours; in a large installation the first ones are over.
const EVERY: SignedDuration = SignedDuration::from_hours(3);
const LONG: SignedDuration = SignedDuration::from_hours(2);
const BEGIN: SignedDuration = SignedDuration::from_hours(-24 * 10);
/// The last screenings begin no sooner than this, so that their seats are on sale.
const LAST: SignedDuration = SignedDuration::from_hours(24 * 5);
/// Bookings of a screening, one seat each. They are all of the screenings that come last.
pub const BOOKED: usize = 30;
const ROW_SEATS: usize = 30;
const PRICE: usize = 25_000;
/// Events per commit of a bulk write.
const TOGETHER: usize = 100;
const CONNECTIONS: usize = 2;
const LANGUAGES: [&str; 8] =
    ["Hindi", "English", "Tamil", "Telugu", "Marathi", "Bengali", "Kannada", "French"];
const GENRES: [&str; 10] =
    ["Drama", "Comedy", "Thriller", "Romance", "Action", "Horror", "Musical", "Documentary", "Family", "War"];
/// Words of titles are made of a head and a tail.
const HEADS: [&str; 20] = [
    "Ash", "Bel", "Cor", "Dun", "El", "Fir", "Gal", "Har", "Ir", "Jas", "Kel", "Lor", "Mar", "Nor", "Or",
    "Pel", "Quin", "Ros", "Sil", "Tor",
];
const TAILS: [&str; 20] = [
    "wood", "mere", "stone", "ley", "burn", "gate", "light", "haven", "field", "moor", "brook", "dale",
    "crest", "hollow", "wick", "ford", "shade", "song", "fall", "reach",
];

/// Size of the installation.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Size {
    /// Shows of the large installation.
    #[arg(long, default_value_t = 30_000)]
    pub shows: usize,
    /// Screenings of the large installation.
    #[arg(long, default_value_t = 400_000)]
    pub screenings: usize,
    /// Paid bookings of the large installation.
    #[arg(long, default_value_t = 300_000)]
    pub bookings: usize,
}

/// Writes an installation of a size to the log. The server must not run: its sagas would look at every commit, long after
/// it was written. Returns the number of events.
pub async fn write(site: &Site, size: Size) -> Result<usize> {
    let mut writer = Writer::new(site, size).await?;
    writer.catalogue().await?;
    writer.bookings().await?;
    writer.bulk.finish().await?;
    Ok(writer.bulk.events())
}

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let size = options.size;
    let mut site = Site::start(SyncInterval::Relaxed, &[]).await?;
    ensure!(site.stack.server.stop(), "the server ends when asked to");
    let build = Instant::now();
    let events = write(&site, size).await?;
    let written = build.elapsed();

    let projected = Instant::now();
    let settings = site.stack.settings();
    let _projectors = Server::start("projectors", &settings).await;
    let queries = Server::start("query-api", &settings).await;
    until_projected(&site, &queries.client(), size).await?;
    let projected = projected.elapsed();
    let verified = site.verify();

    let mut lines = Vec::new();
    for read in reads(&site, size)? {
        let script = || (0..CONNECTIONS).map(|start| (start * 7, Arc::clone(&read.calls)));
        let callers = |scripts: Vec<Repeat>| -> Result<Vec<_>> {
            let to = address(&queries.url())?;
            Ok(scripts.into_iter().map(|script| (to, script)).collect())
        };
        let scripts = || script().map(|(next, calls)| Repeat { calls, next }).collect::<Vec<_>>();
        drive(callers(scripts())?, options.seconds(2)).await?;
        let mut outcome = drive(callers(scripts())?, options.seconds(5)).await?;
        let (p50, p99) = (outcome.samples.p50(), outcome.samples.p99());
        let ok = outcome.count(200) > 0 && outcome.statuses.len() == 1;
        let ours = format!("p50 {p50:.1} ms, p99 {p99:.1} ms at {}/s", grouped(outcome.rate()));
        let line = Line::new(10, format!("GET {}", read.name), ours, "p99 ≤ 20 ms", ok && p99 <= 20.0);
        lines.push(line.note(format!("{CONNECTIONS} connections; answers {}", outcome.statuses())));
    }
    let first = lines.first_mut().context("there are reads")?;
    let Size { shows, screenings, bookings } = size;
    first.notes.push(format!(
        "{} shows, {} screenings in {CITIES} cities, {} paid bookings: {} events, written to the log in {:.0} s and projected \
         in {:.0} s; nats-server synced every two minutes meanwhile, which reads do not notice",
        grouped(as_f64(shows)),
        grouped(as_f64(screenings)),
        grouped(as_f64(bookings)),
        grouped(as_f64(events)),
        written.as_secs_f64(),
        projected.as_secs_f64(),
    ));
    first.notes.push(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64()));
    Ok(lines)
}

/// Waits until queries know the last booking.
pub async fn until_projected(site: &Site, queries: &Client, size: Size) -> Result<()> {
    let last = format!("/bookings/{}", booking_id(size.bookings - 1));
    let newest =
        || anyhow::Ok(queries.with_token(&site.buyers(CUSTOMERS)?[(size.bookings - 1) % CUSTOMERS].token));
    let mut reader = newest()?;
    eventually_within(Duration::from_hours(1), "the last booking to be projected", async || {
        let answer = reader.get(&last).try_send().await.ok()?;
        if answer.status == 401 {
            // The largest installations take longer than a token is good for.
            reader = newest().ok()?;
        }
        (answer.status == 200 && answer.json["status"] == "confirmed").then_some(())
    })
    .await;
    Ok(())
}

/// One kind of read with many different paths.
struct Read {
    name: &'static str,
    calls: Arc<[Call]>,
}

struct Call {
    path: String,
    token: String,
}

struct Repeat {
    calls: Arc<[Call]>,
    next: usize,
}

impl Script for Repeat {
    fn next(&mut self, into: &mut Vec<u8>) -> bool {
        let Call { path, token } = &self.calls[self.next % self.calls.len()];
        self.next += 1;
        request(into, &format!("GET /api/v1{path}"), token, "", "");
        true
    }

    fn answered(&mut self, _reply: &Reply<'_>) -> bool {
        true
    }
}

/// Writes the installation; everything follows from numbers.
struct Writer {
    bulk: Bulk,
    size: Size,
    now: Timestamp,
    /// Time of all decisions: before the screenings, and too long ago for mails.
    decided: String,
    customers: Vec<Uuid>,
}

impl Writer {
    async fn new(site: &Site, size: Size) -> Result<Self> {
        let now = ticketshow_tests::now();
        let decided = (now + BEGIN - SignedDuration::from_hours(24)).to_string();
        let customers = site.customers(CUSTOMERS)?;
        Ok(Self { bulk: Bulk::connect(&site.stack.nats).await?, size, now, decided, customers })
    }

    /// Screenings with bookings are the last ones, so that they are not over.
    fn booked_screening(&self, booking: usize) -> usize {
        self.size.screenings - 1 - booking / BOOKED
    }

    fn show_of(&self, screening: usize) -> usize {
        // Spreads the shows over screens, days and cities.
        (screening * 7_919 + screening / SCREENS * 31) % self.size.shows
    }

    fn starts_at(&self, screening: usize) -> Timestamp {
        let slot = |screening: usize| i32::try_from(screening / SCREENS).unwrap_or(i32::MAX);
        let begin = BEGIN.max(LAST - EVERY * slot(self.size.screenings));
        self.now + begin + EVERY * slot(screening)
    }

    fn promise(&self, screening: usize) -> Value {
        let (show, screen, starts_at) =
            (self.show_of(screening), screening % SCREENS, self.starts_at(screening));
        let venue = screen % VENUES;
        json!({
            "show": id(0x50, show), "show_title": title(show), "venue": id(0x7e, venue),
            "venue_name": format!("Venue {venue}"), "city": city(venue), "timezone": "Asia/Kolkata",
            "screen": id(0x5c, screen), "screen_name": format!("Screen {}", screen / VENUES + 1),
            "starts_at": starts_at, "ends_at": starts_at + LONG, "cancel_until": starts_at - LONG,
            "layout": layout(), "prices": {"gold": PRICE}, "currency": "INR",
        })
    }

    async fn catalogue(&mut self) -> Result<()> {
        let decided = self.decided.clone();
        for show in 0..self.size.shows {
            let mut history = History::new("show", id(0x50, show));
            let genres = [GENRES[show / 8 % 10], GENRES[(show / 80 + 3) % 10]];
            let details = json!({
                "title": title(show), "description": "A story in three acts.",
                "duration_minutes": 120, "language": LANGUAGES[show % 8], "certificate": "UA",
                "genres": genres, "people": [format!("Actor {}", show % 5_000)],
            });
            let created =
                event("show_created", &json!({"show": history.id, "details": details, "fingerprint": null}));
            self.bulk.commit(&mut history, &decided, &[created]).await?;
        }
        for venue in 0..VENUES {
            let mut history = History::new("venue", id(0x7e, venue));
            let details = json!({
                "name": format!("Venue {venue}"), "address": format!("{venue} Lake Road"), "city": city(venue),
                "timezone": "Asia/Kolkata", "opens_at": "00:00", "closes_at": "00:00",
            });
            let created = event(
                "venue_created",
                &json!({"venue": history.id, "details": details, "fingerprint": null}),
            );
            self.bulk.commit(&mut history, &decided, &[created]).await?;
        }
        for screen in 0..SCREENS {
            let mut history = History::new("screen", id(0x5c, screen));
            let added = json!({
                "screen": history.id, "venue": id(0x7e, screen % VENUES),
                "name": format!("Screen {}", screen / VENUES + 1), "layout": layout(), "fingerprint": null,
            });
            self.bulk.commit(&mut history, &decided, &[event("screen_added", &added)]).await?;
            let all: Vec<usize> = (screen..self.size.screenings).step_by(SCREENS).collect();
            for some in all.chunks(TOGETHER) {
                let scheduled = some.iter().map(|screening| {
                    let id = screening_id(*screening);
                    let data =
                        json!({"screening": id, "promise": self.promise(*screening), "fingerprint": null});
                    event("screening_scheduled", &data)
                });
                let scheduled: Vec<Value> = scheduled.collect();
                self.bulk.commit(&mut history, &decided, &scheduled).await?;
            }
        }
        for screening in 0..self.size.screenings {
            let mut history = History::new("screening", screening_id(screening));
            let opened = json!({"screening": history.id, "promise": self.promise(screening)});
            self.bulk.commit(&mut history, &decided, &[event("screening_opened", &opened)]).await?;
            let seats = screening_bookings(self.size, screening);
            if seats.is_empty() {
                continue;
            }
            let reserved: Vec<Value> = seats.clone().map(|booking| self.reserved(booking)).collect();
            let sold: Vec<Value> = seats.map(|booking| self.sold(booking)).collect();
            self.bulk.commit(&mut history, &decided, &reserved).await?;
            self.bulk.commit(&mut history, &decided, &sold).await?;
        }
        Ok(())
    }

    fn customer(&self, booking: usize) -> Uuid {
        self.customers[booking % self.customers.len()]
    }

    fn reserved(&self, booking: usize) -> Value {
        let held_until = self.now + BEGIN - SignedDuration::from_hours(23);
        event(
            "seats_reserved",
            &json!({
                "booking": booking_id(booking), "customer": self.customer(booking), "seats": [seat(booking)],
                "amount": amount(1), "held_until": held_until, "fingerprint": null,
            }),
        )
    }

    fn sold(&self, booking: usize) -> Value {
        event(
            "seats_sold",
            &json!({
                "booking": booking_id(booking), "customer": self.customer(booking),
                "payment": id(0xfa, booking), "seats": [seat(booking)],
            }),
        )
    }

    /// The bookings' own events, with credits and debits in between: a payment is debited once it was asked for.
    async fn bookings(&mut self) -> Result<()> {
        let decided = self.decided.clone();
        for booking in 0..self.size.bookings {
            let mut history = History::new("booking", booking_id(booking));
            let [opened, requested, _] = self.booking_events(booking);
            self.bulk.commit(&mut history, &decided, &[opened, requested]).await?;
        }
        for (number, customer) in self.customers.clone().into_iter().enumerate() {
            self.wallet(number, customer, &decided).await?;
        }
        for booking in 0..self.size.bookings {
            let mut history = History::after(2, "booking", booking_id(booking));
            let [_, _, confirmed] = self.booking_events(booking);
            self.bulk.commit(&mut history, &decided, &[confirmed]).await?;
        }
        Ok(())
    }

    /// A credit, and the payments of all bookings of a customer.
    async fn wallet(&mut self, number: usize, customer: Uuid, decided: &str) -> Result<()> {
        let mut history = History::new("wallet", customer);
        let own: Vec<usize> = (number..self.size.bookings).step_by(CUSTOMERS).collect();
        let mut left = own.len() + 1;
        let credited = json!({
            "customer": customer, "reference": format!("credit:{}", id(0xcd, number)), "amount": amount(left),
            "balance_after_minor": PRICE * left, "booking": null, "reason": "load",
        });
        self.bulk.commit(&mut history, decided, &[event("wallet_credited", &credited)]).await?;
        for some in own.chunks(TOGETHER) {
            let mut debits = Vec::with_capacity(some.len());
            for booking in some {
                left -= 1;
                let debited = json!({
                    "customer": customer, "reference": format!("payment:{}", id(0xfa, *booking)), "amount": amount(1),
                    "balance_after_minor": PRICE * left, "booking": booking_id(*booking),
                });
                debits.push(event("wallet_debited", &debited));
            }
            self.bulk.commit(&mut history, decided, &debits).await?;
        }
        Ok(())
    }

    fn booking_events(&self, number: usize) -> [Value; 3] {
        let screening = self.booked_screening(number);
        let starts_at = self.starts_at(screening);
        let (booking, customer, payment) = (booking_id(number), self.customer(number), id(0xfa, number));
        let screening = screening_id(screening);
        let opened = json!({"reservation": {
            "booking": booking, "customer": customer, "screening": screening,
            "seats": [{"seat": seat(number), "category": "gold", "price_minor": PRICE}], "amount": amount(1),
            "starts_at": starts_at, "cancel_until": starts_at - LONG,
        }});
        let requested = json!({
            "booking": booking, "screening": screening, "customer": customer, "payment": payment, "method": "wallet",
            "amount": amount(1), "fingerprint": null,
        });
        let confirmed = json!({
            "booking": booking, "screening": screening, "customer": customer, "payment": payment, "method": "wallet",
            "amount": amount(1), "tickets": [{"seat": seat(number), "code": format!("load-{number}")}],
        });
        [
            event("booking_opened", &opened),
            event("payment_requested", &requested),
            event("booking_confirmed", &confirmed),
        ]
    }
}

/// The reads, each of many different things.
fn reads(site: &Site, size: Size) -> Result<Vec<Read>> {
    const DIFFERENT: usize = 500;
    let tokens = site.buyers(CUSTOMERS)?;
    let now = ticketshow_tests::now();
    let Size { shows, screenings, bookings } = size;
    let open = |number: usize| -> &'static str { CITY_PATHS[number % CITY_PATHS.len()] };
    let date = |number: usize| {
        let day = i64::try_from(number % 20 + 1).unwrap_or(1);
        Offset::constant(5).to_datetime(now + SignedDuration::from_hours(24 * day)).date()
    };
    let anonymous = |name, path: &dyn Fn(usize) -> String| {
        let call = |number| Call { path: path(number), token: String::new() };
        Read { name, calls: (0..DIFFERENT).map(call).collect() }
    };
    let signed_in = |name, path: &dyn Fn(usize) -> String| {
        let call = |number: usize| {
            let number = number * (bookings / DIFFERENT).max(1) % bookings;
            Call { path: path(number), token: tokens[number % CUSTOMERS].token.clone() }
        };
        Read { name, calls: (0..DIFFERENT).map(call).collect() }
    };
    let language = |number: usize| LANGUAGES[number % 8];
    let genre = |number: usize| GENRES[number / 8 % 10];
    Ok(vec![
        anonymous("/cities", &|_| "/cities".to_owned()),
        anonymous("/shows", &|_| "/shows".to_owned()),
        anonymous("/shows?language&genre", &|n| {
            format!("/shows?language={}&genre={}", language(n), genre(n))
        }),
        anonymous("/shows?city&date", &|n| format!("/shows?city={}&date={}", open(n), date(n))),
        anonymous("/shows/{id}", &|n| format!("/shows/{}", id(0x50, n * 59 % shows))),
        anonymous("/shows/{id}/venues", &|n| format!("/shows/{}/venues", id(0x50, n * 59 % shows))),
        anonymous("/venues?city", &|n| format!("/venues?city={}", open(n))),
        anonymous("/screenings?city&date", &|n| format!("/screenings?city={}&date={}", open(n), date(n))),
        anonymous("/screenings/{id}/seats", &|n| {
            format!("/screenings/{}/seats", screening_id(screenings - 1 - n))
        }),
        anonymous("/search?q", &|n| format!("/search?q={}+{}", word(n), word(n * 3))),
        signed_in("/bookings", &|_| "/bookings".to_owned()),
        signed_in("/bookings/{id}/history", &|n| format!("/bookings/{}/history", booking_id(n))),
    ])
}

/// Names of some cities in a query.
const CITY_PATHS: [&str; 6] = ["City+00", "City+07", "City+19", "city+33", "CITY+41", "City+59"];

/// Bookings of a screening.
fn screening_bookings(size: Size, screening: usize) -> std::ops::Range<usize> {
    let first = (size.screenings - 1 - screening) * BOOKED;
    first.min(size.bookings)..(first + BOOKED).min(size.bookings)
}

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128(kind << 120 | number as u128)
}

pub fn screening_id(number: usize) -> Uuid {
    id(0x5e, number)
}

fn booking_id(number: usize) -> Uuid {
    id(0xb0, number)
}

fn city(venue: usize) -> String {
    format!("City {:02}", venue % CITIES)
}

fn word(number: usize) -> String {
    format!("{}{}", HEADS[number % 20], TAILS[number / 20 % 20])
}

fn title(show: usize) -> String {
    format!("{} of {} {show}", word(show * 7), word(show / 7))
}

fn seat(booking: usize) -> String {
    format!("A-{}", booking % BOOKED + 1)
}

fn amount(seats: usize) -> Value {
    json!({"amount_minor": PRICE * seats, "currency": "INR"})
}

fn layout() -> Value {
    let row = |label: &str| json!({"label": label, "category": "gold", "seats": ROW_SEATS, "aisles_after": [], "accessible": []});
    json!({"rows": [row("A"), row("B")]})
}
