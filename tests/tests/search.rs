//! Searching while the search index comes and goes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ticketshow_tests::{Client, OpenSearch, Stack, eventually_within, plain_rows};

const SOON: Duration = Duration::from_secs(20);

async fn search(guest: &Client, q: &str) -> (String, Vec<String>) {
    let found = guest.get(&format!("/search?q={q}")).await.expect(200).json;
    let titles = found["shows"].as_array().into_iter().flatten().filter_map(|show| show["title"].as_str());
    (found["engine"].as_str().expect("an engine").to_owned(), titles.map(str::to_owned).collect())
}

/// Waits until a search is answered like this.
async fn answered(guest: &Client, q: &str, engine: &str, titles: &[&str]) {
    eventually_within(SOON, &format!("{engine} to find {titles:?}"), async || {
        let (by, found) = search(guest, q).await;
        (by == engine && found == titles).then_some(())
    })
    .await;
}

async fn projection(admin: &Client) -> Value {
    let projections = admin.get("/admin/projections").await.expect(200).json;
    let items = projections["items"].as_array().expect("a list");
    items.iter().find(|item| item["name"] == "search").expect("it is listed").clone()
}

async fn create(admin: &Client, title: &str) -> String {
    let show = json!({"title": title, "description": "", "duration_minutes": 90, "language": "English"});
    admin.post("/shows", &show).await.expect(201).str("show_id").to_owned()
}

#[tokio::test]
async fn the_index_may_die_and_come_back_with_nothing() {
    let mut opensearch = OpenSearch::start().await;
    let stack = Stack::start_with(&[("OPENSEARCH_URL", &opensearch.url())]).await;
    let (admin, guest) = (stack.admin().await, stack.client());
    stack.screening(&admin, &plain_rows(1, 2)).await;
    answered(&guest, "ligthouse", "opensearch", &["The Lighthouse Keeper"]).await;
    answered(&guest, "bombay", "opensearch", &["The Lighthouse Keeper"]).await;

    // Found within a second of the command, gone within a second of the cancellation.
    let began = Instant::now();
    let show = create(&admin, "Marmalade").await;
    answered(&guest, "marmelade", "opensearch", &["Marmalade"]).await;
    let found_after = began.elapsed();
    admin.delete(&format!("/shows/{show}")).await.expect(202);
    answered(&guest, "marmelade", "opensearch", &[]).await;
    assert!(found_after < Duration::from_secs(2), "{found_after:?}");

    // A change is found at once, whichever engine answers.
    let body = json!({"title": "Gangway", "description": "", "duration_minutes": 90, "language": "English"});
    let position = admin.post("/shows", &body).await.expect(201).position();
    let found = guest.get("/search?q=gangway").min_position(position).await.expect(200).json;
    assert_eq!(found["shows"][0]["title"], "Gangway");

    opensearch.kill();
    guest.get("/search?q=gangway").await.expect(200);
    let began = Instant::now();
    for _ in 0..10 {
        assert_eq!(search(&guest, "gangwey").await, ("postgres".to_owned(), vec!["Gangway".to_owned()]));
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?} for ten searches", began.elapsed());
    assert_eq!(projection(&admin).await["state"], "away");
    let ready = Client::new(&stack.server.url()).get("/readyz").await.expect(200).json;
    assert_ne!(ready["dependencies"]["opensearch"], "ok");
    create(&admin, "Paper Planets").await;

    opensearch.restart_empty().await;
    answered(&guest, "papper", "opensearch", &["Paper Planets"]).await;
    answered(&guest, "gangwey", "opensearch", &["Gangway"]).await;
    eventually_within(SOON, "the index to be current", async || {
        (projection(&admin).await["lag"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_index_is_rebuilt_beside_the_one_that_is_read() {
    let opensearch = OpenSearch::start().await;
    let stack = Stack::start_with(&[("OPENSEARCH_URL", &opensearch.url())]).await;
    let (admin, guest) = (stack.admin().await, stack.client());
    create(&admin, "Marmalade").await;
    answered(&guest, "marmelade", "opensearch", &["Marmalade"]).await;

    let replay = |arguments: &[&str]| {
        let output = stack.server.command(&[&["replay"], arguments].concat());
        let printed = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
    };
    let (well, printed) = replay(&["--all", "--dry-run"]);
    assert!(well && printed.contains("search: would write 1 documents"), "{printed}");
    let (well, printed) = replay(&["--all", "--verify"]);
    assert!(well && printed.contains("equal to the read models"), "{printed}");

    // A foreign document is detected, and stays until a rebuild removes it.
    let spoilt = json!({"kind": "show", "status": "active", "title": "Nobody's"});
    let path = "/ticketshow-catalogue/_doc/show:00000000-0000-0000-0000-000000000000?refresh=true";
    opensearch.client().post(path, &spoilt).await.expect(201);
    let (well, printed) = replay(&["search", "--verify"]);
    assert!(!well && printed.contains("differ from the read models"), "{printed}");
    admin.post("/admin/projections/search/rebuild", &json!({})).await.expect(202);
    eventually_within(SOON, "the rebuilt index", async || replay(&["search", "--verify"]).0.then_some(()))
        .await;
    answered(&guest, "marmelade", "opensearch", &["Marmalade"]).await;
}
