//! Search in Postgres, without a search index.

use serde_json::Value;

use crate::fixture::{Answer, TestApi};

impl Answer {
    /// One field of each result, in order.
    fn found(&self, list: &str, field: &str) -> Vec<Value> {
        self.json()[list].as_array().expect("a list").iter().map(|item| item[field].clone()).collect()
    }
}

#[tokio::test]
async fn a_search_forgives_typos_and_ranks_titles_before_people() {
    let api = TestApi::open().await;
    api.project(101, "UPDATE shows SET people = '{Mona Lark}' WHERE title = 'Fog'").await;
    for (q, titles) in [
        ("monsoon", vec!["Monsoon"]),
        // Mona is similar too, but a person's name scores less than a title.
        ("MONSON", vec!["Monsoon", "Fog"]),
        ("m\u{f6}ns\u{f4}on", vec!["Monsoon"]),
        ("mon", vec!["Monsoon", "Fog"]),
        ("zoya raman", vec!["Monsoon"]),
        ("mist", vec!["Fog"]),
        ("english thriller", vec!["Fog"]),
        ("cancelled", vec![]),
        ("!!!", vec![]),
    ] {
        let found = api.call(&format!("/search?q={}", url(q)), &[("min-position", "101")]).await.expect(200);
        assert_eq!(found.found("shows", "title"), titles, "{q}");
        assert_eq!((&found.json()["query"], &found.json()["engine"]), (&q.into(), &"postgres".into()));
    }
}

#[tokio::test]
async fn a_show_is_found_by_any_name_of_its_cities() {
    let api = TestApi::open().await;
    for q in ["Mumbai", "bombay", "mumbay", "films in Bombay", "मुंबई"] {
        let found = api.get(&format!("/search?q={}", url(q))).await.expect(200);
        assert_eq!(found.found("shows", "title"), ["Monsoon"], "{q}");
        assert_eq!(found.found("venues", "name"), ["Rex"], "{q}");
        assert_eq!(found.json()["city"], Value::Null);
    }
    // Its venue is closed.
    let closed = api.get("/search?q=Delhi").await.expect(200);
    assert_eq!(closed.found("venues", "name"), [""; 0]);
}

#[tokio::test]
async fn a_city_filter_leaves_only_bookable_results_there() {
    let api = TestApi::open().await;
    for (asked, city, shows, venues) in [
        ("q=monsoon&city=Bombay", Some("Mumbai"), vec!["Monsoon"], vec![]),
        ("q=fog&city=London", Some("London"), vec![], vec![]),
        ("city=londn", Some("London"), vec!["Monsoon"], vec!["Globe"]),
        ("city=Atlantis", None, vec![], vec![]),
        ("q=monsoon&city=Atlantis", None, vec![], vec![]),
    ] {
        let found = api.get(&format!("/search?{asked}")).await.expect(200);
        assert_eq!(found.json()["city"].as_str(), city, "{asked}");
        assert_eq!(found.found("shows", "title"), shows, "{asked}");
        assert_eq!(found.found("venues", "name"), venues, "{asked}");
    }
}

#[tokio::test]
async fn a_search_looks_in_the_chosen_city_first_and_names_the_city_of_everything_else() {
    let api = TestApi::open().await;
    api.project(101, "UPDATE venues SET name = 'Monsoon House' WHERE name = 'Globe'").await;
    let names = |found: &Answer, list: &str, field: &str| -> Vec<String> {
        let items = found.json()["elsewhere"][list].as_array().unwrap().clone();
        items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
    };
    let here = api.call("/search?q=monsoon&city=Mumbai", &[("min-position", "101")]).await.expect(200);
    assert_eq!(here.found("shows", "title"), ["Monsoon"]);
    assert_eq!(names(&here, "shows", "title"), [""; 0], "it plays here");
    assert_eq!(names(&here, "venues", "city"), ["London"]);
    let nowhere = api.get("/search?q=monsoon&city=Atlantis").await.expect(200);
    assert_eq!(nowhere.found("shows", "title"), [""; 0]);
    assert_eq!(nowhere.json()["elsewhere"]["shows"][0]["cities"], serde_json::json!(["London", "Mumbai"]));
    // Nobody can buy a ticket for it.
    let over = api.get("/search?q=fog&city=Mumbai").await.expect(200);
    assert_eq!(names(&over, "shows", "title"), [""; 0]);
}

#[tokio::test]
async fn a_search_says_which_city_it_read_in_spite_of_typos() {
    let api = TestApi::open().await;
    let corrections = async |asked: &str| api.get(asked).await.expect(200).json()["corrections"].clone();
    assert_eq!(corrections("/search?city=Bombay").await, serde_json::json!([]));
    assert_eq!(
        corrections("/search?city=Londn").await,
        serde_json::json!([{"from": "londn", "to": "London"}])
    );
    assert_eq!(
        corrections("/search?q=films+in+mumbay").await,
        serde_json::json!([{"from": "mumbay", "to": "Mumbai"}])
    );
}

#[tokio::test]
async fn results_have_the_same_fields_as_in_the_lists() {
    let api = TestApi::open().await;
    let show = &api.get("/search?q=monsoon&city=mumbai").await.expect(200).json()["shows"][0];
    let mut listed = api.get("/shows?city=Mumbai").await.expect(200).json()["items"][0].clone();
    listed["score"] = show["score"].clone();
    assert_eq!(show, &listed);
    assert!(show["score"].as_f64().is_some_and(|score| score > 0.0));
}

#[tokio::test]
async fn a_partial_text_is_completed() {
    let api = TestApi::open().await;
    let found = api.get("/search/suggest?q=mo").await.expect(200);
    assert_eq!(found.found("titles", "title"), ["Monsoon"]);
    assert_eq!(found.found("cities", "city"), [""; 0]);
    let found = api.get("/search/suggest?q=glo").await.expect(200);
    assert_eq!(found.json()["venues"][0]["city"], "London");
    let found = api.get("/search/suggest?q=bom").await.expect(200);
    assert_eq!(found.found("cities", "city"), ["Mumbai"]);
    let nothing = api.get("/search/suggest?q=%20").await.expect(200);
    assert_eq!(nothing.found("titles", "title"), [""; 0]);
}

#[tokio::test]
async fn an_invalid_search_is_422() {
    let api = TestApi::open().await;
    let long = "x".repeat(201);
    for asked in [
        "/search",
        "/search?q=",
        "/search?q=%20&city=",
        "/search?limit=10",
        &format!("/search?q={long}"),
        &format!("/search?city={long}"),
        "/search?q=a%00b",
        "/search?q=x&limit=0",
        "/search?q=x&limit=101",
        "/search/suggest",
        &format!("/search/suggest?q={long}"),
    ] {
        api.get(asked).await.expect(422);
    }
    for odd in
        ["%27%27%5C%25_", "%3A*%20%26%20%7C", "%F0%9F%8E%AC", "%C2%A9", "%E0%A5%8D", &"a%20".repeat(66)]
    {
        api.get(&format!("/search?q={odd}&city={odd}")).await.expect(200);
        api.get(&format!("/search/suggest?q={odd}")).await.expect(200);
    }
    api.call("/search?q=fog", &[("min-position", "500")]).await.expect(503);
}

/// Percent-encodes a text.
fn url(text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::new(), |mut written, byte| {
        write!(written, "%{byte:02X}").expect("a String takes everything");
        written
    })
}
