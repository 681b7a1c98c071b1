//! The relevance set of `tests/relevance`, asked of both engines. The numbers are printed, with every query that fails.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde::Deserialize;
use serde_json::{Value, json};
use ticketshow_tests::{Client, OpenSearch, Stack, eventually, eventually_within, inr, plain_rows, tomorrow};

#[derive(Deserialize)]
struct Catalogue {
    venues: Vec<Value>,
    shows: Vec<Show>,
    cancelled_shows: Vec<Show>,
    inactive_venues: Vec<Value>,
}

#[derive(Deserialize)]
struct Show {
    title: String,
    venues: Vec<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct Query {
    kind: String,
    q: String,
    city: Option<String>,
    #[serde(default)]
    shows: Vec<String>,
    #[serde(default)]
    venues: Vec<String>,
}

/// A screen, and its number of screenings.
struct Screen {
    id: String,
    screenings: i64,
}

#[tokio::test]
async fn what_people_type_finds_what_they_mean() {
    let mut opensearch = OpenSearch::start().await;
    // The questions are more than one address may ask in a minute.
    let stack =
        Stack::start_with(&[("OPENSEARCH_URL", &opensearch.url()), ("TICKETSHOW_SEARCHES_PER_ADDRESS", "0")])
            .await;
    let position = build(&stack.admin().await).await;
    let guest = stack.client();
    let queries: Vec<Query> =
        serde_json::from_str(include_str!("../relevance/queries.json")).expect("valid JSON");
    assert!(queries.len() >= 170);

    eventually_within(std::time::Duration::from_secs(20), "the index to be there", async || {
        let found = guest.get("/search?q=marmalade").min_position(position).await;
        (found.status == 200 && found.json["engine"] == "opensearch").then_some(())
    })
    .await;
    let by_index = mean_reciprocal_rank(&guest, &queries, "opensearch").await;
    assert_titles_find_themselves(&guest, "opensearch").await;

    opensearch.kill();
    let by_tables = mean_reciprocal_rank(&guest, &queries, "postgres").await;
    assert_titles_find_themselves(&guest, "postgres").await;
    assert!(by_index >= 0.9, "opensearch: {by_index:.3}");
    assert!(by_tables >= 0.8, "postgres: {by_tables:.3}");
}

async fn mean_reciprocal_rank(guest: &Client, queries: &[Query], engine: &str) -> f64 {
    let mut kinds: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for query in queries {
        let city = query.city.as_ref().map(|city| format!("&city={}", url(city))).unwrap_or_default();
        let path = format!("/search?q={}{city}&limit=20", url(&query.q));
        // Relevance is tested here: on a busy machine the index may be so slow that the tables answer.
        let found = eventually(&format!("{:?} to be answered by {engine}", query.q), async || {
            let found = guest.get(&path).await.expect(200).json;
            (found["engine"] == engine).then_some(found)
        })
        .await;
        let (list, name, wanted) = if query.shows.is_empty() {
            ("venues", "name", &query.venues)
        } else {
            ("shows", "title", &query.shows)
        };
        let names: Vec<&str> =
            found[list].as_array().expect("a list").iter().filter_map(|item| item[name].as_str()).collect();
        let place = names.iter().position(|name| wanted.iter().any(|wanted| wanted == name));
        let rank =
            place.map_or(0.0, |place| 1.0 / f64::from(u32::try_from(place + 1).expect("a small number")));
        if rank < 1.0 {
            let first: Vec<_> = names.iter().take(3).collect();
            println!("{engine} {rank:.2} {:?}: wanted {:?}, found {first:?}", query.q, wanted.first());
        }
        kinds.entry(&query.kind).or_default().push(rank);
    }
    let mean = |ranks: &[f64]| {
        ranks.iter().sum::<f64>() / f64::from(u32::try_from(ranks.len()).expect("a small number"))
    };
    for (kind, ranks) in &kinds {
        println!("{engine} {kind}: {:.3} of {}", mean(ranks), ranks.len());
    }
    let all: Vec<f64> = kinds.into_values().flatten().collect();
    println!("{engine}: mean reciprocal rank {:.3} of {}", mean(&all), all.len());
    mean(&all)
}

/// Every title, typed exactly, is the first result and the first suggestion.
async fn assert_titles_find_themselves(guest: &Client, engine: &str) {
    let catalogue: Catalogue =
        serde_json::from_str(include_str!("../relevance/catalogue.json")).expect("valid JSON");
    let mut lost = Vec::new();
    for Show { title, .. } in catalogue.shows {
        for (path, list) in [("/search", "shows"), ("/search/suggest", "titles")] {
            let path = format!("{path}?q={}", url(&title));
            let found = eventually(&format!("{title:?} to be answered by {engine}"), async || {
                let found = guest.get(&path).await.expect(200).json;
                (found["engine"] == engine).then_some(found)
            })
            .await;
            if found[list][0]["title"] != title.as_str() {
                lost.push(format!("{title:?} in {list}: {}", found[list][0]["title"]));
            }
        }
    }
    assert!(lost.is_empty(), "{engine}: {}", lost.join("\n"));
}

/// Creates the programme. Returns the position of its last command.
async fn build(admin: &Client) -> u64 {
    let catalogue: Catalogue =
        serde_json::from_str(include_str!("../relevance/catalogue.json")).expect("valid JSON");
    let mut screens = BTreeMap::new();
    for venue in &catalogue.venues {
        let id = open_venue(admin, venue).await;
        let body = json!({"name": "Screen 1", "layout": {"rows": plain_rows(1, 2)}});
        let screen = admin.post(&format!("/venues/{id}/screens"), &body).await.expect(201);
        let screen = Screen { id: screen.str("screen_id").to_owned(), screenings: 0 };
        screens.insert(venue["name"].as_str().expect("a venue has a name").to_owned(), screen);
    }
    let mut position = 0;
    for show in &catalogue.shows {
        position = put_on(admin, show, &mut screens).await.1;
    }
    for show in &catalogue.cancelled_shows {
        let (id, _) = put_on(admin, show, &mut screens).await;
        position = admin.delete(&format!("/shows/{id}")).await.expect(202).position();
    }
    for venue in &catalogue.inactive_venues {
        let id = open_venue(admin, venue).await;
        position = admin.delete(&format!("/venues/{id}")).await.expect(202).position();
    }
    position
}

async fn open_venue(admin: &Client, venue: &Value) -> String {
    let mut body = venue.clone();
    body["opens_at"] = "00:00".into();
    body["closes_at"] = "00:00".into();
    admin.post("/venues", &body).await.expect(201).str("venue_id").to_owned()
}

async fn put_on(admin: &Client, show: &Show, screens: &mut BTreeMap<String, Screen>) -> (String, u64) {
    let mut body = Value::Object(show.rest.clone());
    body["title"] = show.title.clone().into();
    body["duration_minutes"] = 90.into();
    let created = admin.post("/shows", &body).await.expect(201);
    let (id, mut position) = (created.str("show_id").to_owned(), created.position());
    for venue in &show.venues {
        let screen = screens.get_mut(venue).expect("a venue of the catalogue");
        screen.screenings += 1;
        let starts_at =
            tomorrow().checked_add((screen.screenings * 3).hours()).expect("the near future is in range");
        let body = json!({"show_id": id, "screen_id": screen.id, "starts_at": starts_at.to_string(),
            "prices": {"standard": inr(25_000)}});
        position = admin.post("/screenings", &body).await.expect(201).position();
    }
    (id, position)
}

/// A text as it stands in an address.
fn url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}
