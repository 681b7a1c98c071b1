//! One city under all its spellings, and lists in the order people expect.

use crate::fixture::TestApi;

#[tokio::test]
async fn every_filter_takes_any_name_of_a_city() {
    let api = TestApi::open().await;
    for city in ["Mumbai", "mumbai", "Bombay", "%E0%A4%AE%E0%A5%81%E0%A4%AE%E0%A5%8D%E0%A4%AC%E0%A4%88"] {
        for path in [
            format!("/shows?city={city}"),
            format!("/shows?city={city}&date=2026-11-24"),
            format!("/screenings?city={city}"),
            format!("/venues?city={city}"),
            format!("/shows/50000000-0000-0000-0000-000000000001/venues?city={city}"),
        ] {
            let found = api.get(&path).await.expect(200).json();
            assert!(!found["items"].as_array().unwrap().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_city_is_listed_once_by_the_spelling_of_most_venues() {
    let api = TestApi::open().await;
    api.project(101, "UPDATE cities SET name = 'Bombay' WHERE city_key = 'mumbai'").await;
    let cities = api.call("/cities", &[("min-position", "101")]).await.expect(200);
    assert_eq!(cities.each("name"), ["Bombay", "London"]);
    let show = api.get("/shows/50000000-0000-0000-0000-000000000001").await.expect(200).json();
    assert_eq!(show["cities"], serde_json::json!(["Bombay", "London"]));
}

#[tokio::test]
async fn a_city_comes_with_its_other_names_and_with_each_of_its_time_zones() {
    let api = TestApi::open().await;
    let houses = "
        INSERT INTO venues (venue_id, name, address, city, timezone, opens_at, closes_at, status, created_at, position)
        VALUES ('7e000000-0000-0000-0000-000000000801', 'Grand', '', 'London', 'America/Toronto', '09:00', '02:00', 'active', now(), 1),
               ('7e000000-0000-0000-0000-000000000802', 'Eros', '', 'Bombay City', 'Asia/Kolkata', '09:00', '02:00', 'active', now(), 1);
        ALTER TABLE venues DISABLE TRIGGER fold;
        UPDATE venues SET city_key = 'mumbai' WHERE name = 'Eros'";
    api.project(101, houses).await;
    let cities = api.call("/cities", &[("min-position", "101")]).await.expect(200).json();
    let [london, mumbai] = [0, 1].map(|index| &cities["items"][index]);
    assert_eq!(london["timezones"], serde_json::json!(["America/Toronto", "Europe/London"]));
    assert_eq!(mumbai["names"], serde_json::json!(["Bombay City", "bambai", "bombay", "मुंबई"]));
    // Each time names its own zone, also where the city has two.
    for (path, zone) in [("/shows?city=London", "Europe/London"), ("/shows?city=Mumbai", "Asia/Kolkata")] {
        let shows = api.get(path).await.expect(200);
        assert_eq!(shows.each("next_screening_timezone"), [zone], "{path}");
    }
}

#[tokio::test]
async fn names_are_sorted_as_people_sort_and_pages_have_no_gaps() {
    let api = TestApi::open().await;
    let names = ["Zed 10", "abel", "Émile", "zed 2", "Zz-town", "अग्नि", "Abel"];
    for (index, name) in names.iter().enumerate() {
        let number = 900 + index;
        let sql = format!(
            "INSERT INTO venues (venue_id, name, address, city, timezone, opens_at, closes_at, status, created_at, position)
             VALUES ('7e000000-0000-0000-0000-000000000{number}', '{name}', '', '{name}', 'Asia/Kolkata', '09:00', '02:00',
                     'active', now(), 1);
             INSERT INTO shows (show_id, title, description, duration_minutes, language, genres, status, created_at, position)
             VALUES ('50000000-0000-0000-0000-000000000{number}', '{name}', '', 90, 'Hindi', '{{}}', 'active', now(), 1);
             INSERT INTO cities VALUES ('{name}', '{name}', 1)"
        );
        api.project(101 + u64::try_from(index).unwrap(), &sql).await;
    }
    let sorted = ["abel", "Abel", "Émile", "zed 2", "Zed 10", "Zz-town", "अग्नि"];
    for (path, field) in [("/venues", "name"), ("/shows", "title"), ("/cities", "name")] {
        let mut found = Vec::new();
        let mut page = format!("{path}?limit=2");
        loop {
            let items = api.get(&page).await.expect(200);
            found.extend(items.each(field).into_iter().map(|name| name.as_str().unwrap().to_owned()));
            let Some(cursor) = items.json()["next_cursor"].as_str().map(str::to_owned) else { break };
            page = format!("{path}?limit=2&cursor={cursor}");
        }
        found.retain(|name| names.contains(&name.as_str()));
        assert_eq!(found, sorted, "{path}");
    }
}
