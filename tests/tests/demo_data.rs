//! The demo data, loaded as an operator would, is something one can book at once; loading it again changes nothing.

use serde_json::Value;
use ticketshow_tests::{ADMIN_EMAIL, ADMIN_PASSWORD, Client, Minio, Stack, login};

/// Everything that a list has, page by page.
async fn all(client: &Client, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{separator}limit=100{cursor}")).await.expect(200);
        items.extend(page.json["items"].as_array().expect("a list has items").clone());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn load(stack: &Stack) -> String {
    let url = stack.server.url();
    let output = stack.server.command(&["demo", "--url", &url]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[tokio::test]
async fn the_demo_data_can_be_booked_and_is_loaded_once() {
    let store = Minio::start().await;
    let settings = store.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let stack = Stack::start_with(&settings).await;
    let said = load(&stack);
    assert!(said.contains("asha@example.com"), "the logins are printed: {said}");

    let client = stack.client();
    let cities = client.get("/cities").await.expect(200);
    let cities = cities.json["items"].as_array().or(cities.json.as_array()).expect("cities").len();
    assert!(cities >= 6, "{cities} cities");
    let counts = [("/venues", 20), ("/shows", 60)];
    for (path, least) in counts {
        let count = all(&client, path).await.len();
        assert!(count >= least, "{count} at {path}");
    }
    for show in all(&client, "/shows").await {
        let address =
            show["poster_url"].as_str().unwrap_or_else(|| panic!("a show without a poster: {show}"));
        let path = address.strip_prefix(&store.url()).expect("posters lie in the store");
        store.client().get(path).await.expect(200);
    }
    let screenings = all(&client, "/screenings").await;
    assert!(screenings.len() > 1_000, "{} screenings", screenings.len());
    let taken = |screening: &&Value| screening["available_seats"] != screening["capacity"];
    assert!(screenings.iter().filter(taken).count() > 20, "screenings with bookings");

    let asha = login(&client, "asha@example.com", "ticketshow demo").await;
    let bookings = all(&asha, "/bookings").await;
    assert!(bookings.iter().any(|booking| booking["status"] == "confirmed"), "{bookings:?}");

    let again = load(&stack);
    assert!(again.contains("\n0 new posters"), "{again}");
    assert_eq!(all(&client, "/screenings").await.len(), screenings.len());
    assert_eq!(all(&asha, "/bookings").await.len(), bookings.len());
    login(&client, ADMIN_EMAIL, ADMIN_PASSWORD).await;
    stack.verify();
}
