//! Row 2: 20,000 people at once after the same 500 seats.

use std::sync::{Arc, atomic::AtomicUsize};

use anyhow::Result;

use crate::{
    Options,
    baseline::Baseline,
    drive::drive,
    report::{Line, speed},
    reserve::{Reserve, Seats},
    site::{Site, SyncInterval},
};

const BUYERS: usize = 20_000;
const SEATS: usize = 500;
const CONNECTIONS: usize = 256;

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let limit = options.seconds(60);
    let site = Site::start(SyncInterval::Always, &[]).await?;
    let (buyers, hall) = (site.buyers(BUYERS)?, site.hall(SEATS).await?);
    let screening = hall.screening.clone();
    let rush = |script: Reserve| script.after(Seats::AtRandom { calls: BUYERS });
    let script = rush(Reserve::new("POST /api/v1/bookings", buyers, hall, Arc::new(AtomicUsize::new(0))));
    let before = site.spent().await;
    let mut outcome =
        drive((0..CONNECTIONS).map(|_| (site.address, script.clone())).collect(), limit).await?;
    let spent = before.until(&site.spent().await);

    let position = outcome.positions.map_or(0, |(_, last)| last);
    let path = format!("/screenings/{screening}/seats");
    let map = site.admin.get(&path).min_position(position).await.expect(200);
    let held = map.text().matches(r#""status":"held""#).count();
    let accepted = outcome.count(201);
    let answered = accepted + outcome.count(409) == BUYERS as u64;
    let one_owner_each = usize::try_from(accepted)? == held;
    let met = answered && one_owner_each && outcome.samples.p99() <= 50.0;
    let verified = site.verify();

    let baseline = Baseline::start().await?;
    let mut rows = baseline.reserve(SEATS, rush, CONNECTIONS, limit).await?;
    let ratio = outcome.rate() / rows.rate();
    let mut line = Line::new(
        2,
        "20,000 buyers after the same 500 seats",
        speed(&mut outcome),
        "all 201 or 409, p99 ≤ 50 ms",
        met,
    );
    line.baseline = Some((speed(&mut rows), ratio));
    let line = line
        .note(format!(
            "{CONNECTIONS} connections; answers {}; failures {}",
            outcome.statuses(),
            outcome.failures()
        ))
        .note(format!("{held} seats held afterwards on the seat map, {accepted} reservations accepted"))
        .note(spent)
        .note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64()))
        .note(format!("row locks: {}", rows.statuses()));
    Ok(vec![line])
}
