//! Row 6: the seat map of a room with 300 seats.

use std::sync::{Arc, atomic::AtomicUsize};

use anyhow::{Result, ensure};

use crate::{
    Options,
    drive::{Script, drive},
    report::{Line, speed},
    reserve::Reserve,
    site::{Site, SyncInterval},
    wire::{Reply, request},
};

const SEATS: usize = 300;
const CONNECTIONS: usize = 64;
/// Seats that are taken, so that the map is not all alike.
const TAKEN: usize = 100;

pub async fn measure(options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &[]).await?;
    let (buyers, hall) = (site.buyers(TAKEN)?, site.hall(SEATS).await?);
    let calls = Arc::new(AtomicUsize::new(SEATS - TAKEN));
    let reserve = Reserve::new("POST /api/v1/bookings", buyers, Arc::clone(&hall), calls);
    let reserved = drive(vec![(site.address, reserve)], options.seconds(30)).await?;
    let position = reserved.positions.map_or(0, |(_, last)| last);
    let path = format!("/screenings/{}/seats", hall.screening);
    let map = site.admin.get(&path).min_position(position).await.expect(200);
    let held = map.text().matches(r#""status":"held""#).count();
    ensure!(held == TAKEN, "{held} of {TAKEN} seats are held on the map");

    let look = Look { path: format!("GET /api/v1{path}") };
    let callers = || (0..CONNECTIONS).map(|_| (site.address, look.clone())).collect();
    drive(callers(), options.seconds(1)).await?;
    let before = site.spent().await;
    let mut outcome = drive(callers(), options.seconds(8)).await?;
    let spent = before.until(&site.spent().await);
    let met = outcome.rate() >= 15_000.0 && outcome.samples.p99() <= 10.0 && outcome.failures() == 0;
    let line = Line::new(6, "GET seat map of 300 seats", speed(&mut outcome), "≥ 15,000/s, p99 ≤ 10 ms", met)
        .note(format!(
            "{CONNECTIONS} connections; answers {}; {} bytes each",
            outcome.statuses(),
            map.body.len()
        ))
        .note(spent);
    Ok(vec![line])
}

/// A caller who requests the map repeatedly.
#[derive(Debug, Clone)]
struct Look {
    path: String,
}

impl Script for Look {
    fn next(&mut self, into: &mut Vec<u8>) -> bool {
        request(into, &self.path, "", "", "");
        true
    }

    fn answered(&mut self, _reply: &Reply<'_>) -> bool {
        true
    }
}
