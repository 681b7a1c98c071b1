//! A draft that replaces one on another screen: the two are never both published.

use std::sync::Arc;

use serde_json::json;
use ticketshow_domain::{
    ScreenId, ScreeningId,
    examples::offer,
    promise::Promise,
    screen::{Command, OpeningHours, ReplacedDraft, Screen, WantedDraft},
};
use ticketshow_nats::{
    clock,
    executor::outcome::Freshness,
    log::metadata::{Actor, Metadata},
};

use crate::fixture::{Fixture, screening_body, tomorrow};

/// A draft, and another one on the second screen that replaces it: the process died before it deleted the first one.
async fn interrupted_move(fixture: &Fixture) -> [(ScreenId, ScreeningId); 2] {
    let (show, venue) = (fixture.show().await, fixture.venue().await);
    let screen = fixture.screen(&venue).await;
    let body = json!({ "name": "Studio", "layout": { "rows": [
        { "label": "A", "category": "gold", "seats": 12 },
        { "label": "B", "category": "silver", "seats": 12 },
    ] } });
    let studio = fixture.ask(&format!("/venues/{venue}/screens")).json(body).gives(201).await;
    let studio: ScreenId = studio.id("screen_id").parse().unwrap();
    let mut body = screening_body(&show, &screen, &tomorrow("19:30"));
    body["draft"] = json!(true);
    let draft = fixture.ask("/screenings").json(body).gives(201).await;
    let draft: ScreeningId = draft.id("screening_id").parse().unwrap();
    let screen: ScreenId = screen.parse().unwrap();

    let seen = fixture.executor.state::<Screen>(&screen, Freshness::Fresh).await.unwrap();
    let promise = Promise::clone(&seen.state.drafts[&draft].promise);
    let midnight = "00:00".parse().unwrap();
    let wanted = WantedDraft {
        offer: Arc::new(offer(promise)),
        publish_at: None,
        opening_hours: OpeningHours { active: true, opens_at: midnight, closes_at: midnight },
        show_cancelled: false,
        replaces: Some(ReplacedDraft { screen, draft, blocks: Vec::new(), seen: Vec::new() }),
    };
    let new = ScreeningId(clock::new_id());
    let command = Command::DraftScreening { screening: new, wanted, fingerprint: None };
    let metadata = Metadata {
        time: clock::now(),
        actor: Actor::System,
        correlation: clock::new_id(),
        causation: None,
        trace: None,
    };
    fixture.executor.execute(&studio, command, metadata, |_: &Screen| ()).await.unwrap();
    [(screen, draft), (studio, new)]
}

fn publication((screen, draft): (ScreenId, ScreeningId)) -> String {
    format!("/screens/{screen}/drafts/{draft}/publication")
}

#[tokio::test]
async fn a_draft_is_not_published_beside_the_one_whose_place_it_takes() {
    let fixture = Fixture::open().await;
    let [old, new] = interrupted_move(&fixture).await;
    fixture.ask(&publication(old)).json(json!({})).gives(200).await;
    let refused = fixture.ask(&publication(new)).json(json!({})).send().await;
    assert_eq!(refused.outcome(), (409, "already-published"));
}

#[tokio::test]
async fn a_published_draft_has_ended_the_one_whose_place_it_takes() {
    let fixture = Fixture::open().await;
    let [old, new] = interrupted_move(&fixture).await;
    fixture.ask(&publication(new)).json(json!({})).gives(200).await;
    let gone = fixture.ask(&publication(old)).json(json!({})).send().await;
    assert_eq!(gone.outcome(), (404, "not-found"));
}
