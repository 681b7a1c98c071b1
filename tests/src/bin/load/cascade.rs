//! Row 7: a show is cancelled for which 10,000 bookings were paid from wallets.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ticketshow_tests::eventually_within;

use crate::{
    Options,
    drive::{as_f64, drive},
    report::{Line, grouped},
    site::{Site, SyncInterval},
    wallet::{Halls, with_wallets},
};

const BOOKINGS: usize = 10_000;
/// Some more than bookings are wanted: a busy machine does not settle every payment.
const SEATS: usize = 10_500;
/// A few hundred customers have to take all seats of one screening.
const SETTINGS: [(&str, &str); 1] = [("TICKETSHOW_CUSTOMER_SEATS_MAX", "1000")];
/// Limit of the sale and of the refunds.
const PATIENCE: Duration = Duration::from_mins(5);

pub async fn measure(_options: &Options) -> Result<Vec<Line>> {
    let site = Site::start(SyncInterval::Always, &SETTINGS).await?;
    let hall = site.hall(SEATS).await?;
    let screening = hall.screening.clone();
    let buyers = with_wallets(&site).await?;
    let sold = drive(Halls::of([hall]).callers(&site, &buyers), PATIENCE).await?;
    let paid = sold.samples.len();
    ensure!(paid >= BOOKINGS, "{paid} bookings were paid: {}", sold.statuses());

    let known = site.admin.get(&format!("/screenings/{screening}")).await;
    let show = known.json["show"]["show_id"].as_str().or(known.json["show_id"].as_str());
    let show = show.context("a screening has a show")?.to_owned();
    let (before, start) = (site.spent().await, Instant::now());
    let cancelled = site.admin.delete(&format!("/shows/{show}")).await.expect(202);
    let path = format!("/admin/cascades/{}", cancelled.str("cascade_id"));
    let done = eventually_within(PATIENCE, "the cascade to finish", async || {
        let answer = site.admin.get(&path).try_send().await.ok()?;
        (answer.json["finished_at"].is_string()).then_some(answer)
    })
    .await;
    let elapsed = start.elapsed();
    let spent = before.until(&site.spent().await);
    let refunded = usize::try_from(done.json["refunded"].as_u64().unwrap_or(0))?;
    let verified = site.verify();

    let seconds = elapsed.as_secs_f64();
    let met = seconds <= 60.0 && refunded >= BOOKINGS;
    let ours = format!("{seconds:.1} s, {} refunds/s", grouped(as_f64(refunded) / seconds));
    let line = Line::new(7, "a cancelled show of 10,000 wallet bookings, all refunded", ours, "≤ 60 s", met)
        .note(format!(
            "one screening; from the call to the last refund in `GET /admin/cascades/{{id}}`: {refunded} refunds"
        ))
        .note(format!("lifted: `{}={}`", SETTINGS[0].0, SETTINGS[0].1))
        .note(spent)
        .note(format!("`ticketshow verify` clean in {:.1} s", verified.as_secs_f64()));
    Ok(vec![line])
}
