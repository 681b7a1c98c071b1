//! Shows, venues, screens, screenings, cities.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::fixture::TestApi;

#[tokio::test]
async fn a_show_lists_its_cities_and_its_next_screening() {
    let api = TestApi::open().await;
    let show = api.get("/shows/50000000-0000-0000-0000-000000000001").await.expect(200);
    assert_json_snapshot!(show.json(), @r#"
    {
      "certificate": "UA",
      "cities": [
        "London",
        "Mumbai"
      ],
      "description": "Rain.",
      "duration_minutes": 120,
      "genres": [
        "Drama",
        "Romance"
      ],
      "language": "Hindi",
      "next_screening_at": "2026-11-23T13:00:00Z",
      "next_screening_timezone": "Asia/Kolkata",
      "people": [
        "Zoya Rahman",
        "Anil D'Souza"
      ],
      "poster_full_url": "https://s3.example.org/posters/shows/1-full.jpg",
      "poster_url": "https://s3.example.org/posters/shows/1-card.jpg",
      "show_id": "50000000-0000-0000-0000-000000000001",
      "status": "active",
      "title": "Monsoon"
    }
    "#);
    let over = api.get("/shows/50000000-0000-0000-0000-000000000002").await.expect(200);
    assert_eq!(over.json()["cities"].as_array().unwrap().len(), 0);
    assert!(over.json()["next_screening_at"].is_null() && over.json()["poster_url"].is_null());
}

#[tokio::test]
async fn shows_are_found_by_city_language_genre_day_and_status() {
    let api = TestApi::open().await;
    for (query, titles) in [
        ("", vec!["Cancelled", "Fog", "Monsoon"]),
        ("?city=mumbai", vec!["Monsoon"]),
        ("?city=LONDON&date=2026-11-24", vec!["Monsoon"]),
        ("?city=London&date=2026-11-23", vec![]),
        ("?city=Delhi", vec![]),
        ("?language=english", vec!["Cancelled", "Fog"]),
        ("?genre=drama", vec!["Monsoon"]),
        ("?genre=dram", vec![]),
        ("?status=active", vec!["Fog", "Monsoon"]),
        ("?status=cancelled", vec!["Cancelled"]),
        // Past midnight in Mumbai, but still the day before in UTC.
        ("?date=2026-11-24&city=Mumbai", vec!["Monsoon"]),
    ] {
        let found = api.get(&format!("/shows{query}")).await.expect(200);
        assert_eq!(found.each("title"), titles, "{query}");
    }
    let day = api.get("/shows?date=2026-11-24").await.expect(200);
    assert_eq!(day.each("next_screening_at"), ["2026-11-23T19:00:00Z"], "of those on that day");
}

#[tokio::test]
async fn pages_of_a_list_have_neither_gaps_nor_repeats() {
    let api = TestApi::open().await;
    let mut path = "/shows?limit=1".to_owned();
    let mut titles = Vec::new();
    loop {
        let page = api.get(&path).await.expect(200);
        titles.extend(page.each("title"));
        let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        path = format!("/shows?limit=1&cursor={cursor}");
    }
    assert_eq!(titles, ["Cancelled", "Fog", "Monsoon"]);

    let first = api.get("/screenings?limit=2").await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = api.get(&format!("/screenings?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(rest.each("show_title"), ["Monsoon", "Cancelled"]);
}

#[tokio::test]
async fn venues_and_their_screens_are_listed() {
    let api = TestApi::open().await;
    assert_eq!(api.get("/venues").await.expect(200).each("name"), ["Closed", "Globe", "Rex"]);
    assert_eq!(api.get("/venues?city=mumbai&status=active").await.expect(200).each("name"), ["Rex"]);
    assert_json_snapshot!(api.get("/venues/7e000000-0000-0000-0000-000000000001").await.expect(200).json(), @r#"
    {
      "address": "12 Lake Road",
      "city": "Mumbai",
      "closes_at": "02:00",
      "name": "Rex",
      "opens_at": "09:00",
      "status": "active",
      "timezone": "Asia/Kolkata",
      "venue_id": "7e000000-0000-0000-0000-000000000001"
    }
    "#);
    let screens = api.get("/venues/7e000000-0000-0000-0000-000000000001/screens").await.expect(200);
    assert_json_snapshot!(screens.json(), @r#"
    {
      "items": [
        {
          "capacity": 4,
          "layout": {
            "rows": [
              {
                "accessible": [
                  1
                ],
                "aisles_after": [
                  1
                ],
                "category": "gold",
                "label": "A",
                "seats": 2
              },
              {
                "accessible": [],
                "aisles_after": [],
                "category": "silver",
                "label": "B",
                "seats": 2
              }
            ]
          },
          "name": "Screen 1",
          "screen_id": "5c000000-0000-0000-0000-000000000001",
          "status": "active",
          "turnaround_minutes": 15,
          "venue_id": "7e000000-0000-0000-0000-000000000001"
        }
      ],
      "next_cursor": null
    }
    "#);
    let screen = api.get("/screens/5c000000-0000-0000-0000-000000000001").await.expect(200);
    assert_eq!(screen.json(), screens.json()["items"][0]);
    let of_globe = "/venues/7e000000-0000-0000-0000-000000000002/screens";
    let all = api.get(of_globe).await.expect(200);
    let names = |answer: &Value| {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|screen| format!("{} {}", screen["name"], screen["status"])).collect::<Vec<_>>()
    };
    assert_eq!(names(&all.json()), [r#""Attic" "retired""#, r#""Pit" "active""#]);
    let active = api.get(&format!("{of_globe}?status=active")).await.expect(200);
    assert_eq!(names(&active.json()), [r#""Pit" "active""#]);
    let retired = api.get(&format!("{of_globe}?status=retired")).await.expect(200);
    assert_eq!(names(&retired.json()), [r#""Attic" "retired""#]);
    let none = api.get("/venues/7e000000-0000-0000-0000-000000000003/screens").await.expect(200);
    assert!(none.each("name").is_empty());
}

#[tokio::test]
async fn a_screening_shows_its_times_in_the_venue_s_zone() {
    let api = TestApi::open().await;
    let screening = api.get("/screenings/5e000000-0000-0000-0000-000000000001").await.expect(200);
    assert_json_snapshot!(screening.json(), @r#"
    {
      "available_seats": 1,
      "cancel_until": "2026-11-23T16:30:00+05:30",
      "cancellation": null,
      "capacity": 4,
      "city": "Mumbai",
      "ends_at": "2026-11-23T20:30:00+05:30",
      "fee": null,
      "prices": {
        "gold": {
          "amount_minor": 25000,
          "currency": "INR"
        },
        "silver": {
          "amount_minor": 10000,
          "currency": "INR"
        }
      },
      "screen_id": "5c000000-0000-0000-0000-000000000001",
      "screen_name": "Screen 1",
      "screening_id": "5e000000-0000-0000-0000-000000000001",
      "show_id": "50000000-0000-0000-0000-000000000001",
      "show_title": "Monsoon",
      "single_seats": "warn",
      "starts_at": "2026-11-23T18:30:00+05:30",
      "status": "active",
      "tax_rates": [],
      "ticket_types": {},
      "timezone": "Asia/Kolkata",
      "venue_id": "7e000000-0000-0000-0000-000000000001",
      "venue_name": "Rex",
      "wheelchair_minutes": null
    }
    "#);
}

#[tokio::test]
async fn past_screenings_are_found_only_by_their_day() {
    let api = TestApi::open().await;
    assert_eq!(api.get("/screenings").await.expect(200).each("show_title").len(), 4);
    assert_eq!(api.get("/screenings?date=2026-11-20").await.expect(200).each("show_title"), ["Fog"]);
    for (query, count) in [
        ("?show_id=50000000-0000-0000-0000-000000000001", 3),
        ("?venue_id=7e000000-0000-0000-0000-000000000002", 2),
        ("?city=london&status=cancelled", 1),
        ("?city=mumbai&date=2026-11-24", 1),
        ("?from=2026-11-24", 3),
        ("?to=2026-11-23", 1),
        ("?from=2026-11-24&to=2026-11-24", 2),
        // Past midnight in Mumbai, but still the day before in UTC.
        ("?venue_id=7e000000-0000-0000-0000-000000000001&from=2026-11-24", 1),
        ("?from=2026-11-26", 0),
    ] {
        let found = api.get(&format!("/screenings{query}")).await.expect(200);
        assert_eq!(found.each("screening_id").len(), count, "{query}");
    }
}

#[tokio::test]
async fn the_venues_of_a_show_come_with_their_bookable_screenings() {
    let api = TestApi::open().await;
    let show = "/shows/50000000-0000-0000-0000-000000000001/venues";
    let all = api.get(show).await.expect(200);
    assert_eq!(all.each("name"), ["Globe", "Rex"]);
    let starts = |venue: usize| {
        let screenings = all.json()["items"][venue]["screenings"].as_array().unwrap().clone();
        screenings.iter().map(|s| s["starts_at"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(starts(0), ["2026-11-24T18:00:00+00:00"]);
    assert_eq!(starts(1), ["2026-11-23T18:30:00+05:30", "2026-11-24T00:30:00+05:30"]);
    let some = api.get(&format!("{show}?city=Mumbai&date=2026-11-24")).await.expect(200);
    assert_eq!(some.json()["items"][0]["screenings"].as_array().unwrap().len(), 1);
    let paged = api.get(&format!("{show}?limit=1")).await.expect(200).json();
    let next = format!("{show}?limit=1&cursor={}", paged["next_cursor"].as_str().unwrap());
    assert_eq!(api.get(&next).await.expect(200).each("name"), ["Rex"]);
    let none = "/shows/50000000-0000-0000-0000-000000000002/venues";
    assert!(api.get(none).await.expect(200).each("name").is_empty());
}

#[tokio::test]
async fn cities_come_with_their_numbers_of_venues_and_shows() {
    let api = TestApi::open().await;
    let cities = api.get("/cities").await.expect(200);
    assert_json_snapshot!(cities.json(), @r#"
    {
      "items": [
        {
          "name": "London",
          "names": [
            "londres"
          ],
          "shows": 1,
          "timezones": [
            "Europe/London"
          ],
          "venues": 1
        },
        {
          "name": "Mumbai",
          "names": [
            "bambai",
            "bombay",
            "मुंबई"
          ],
          "shows": 1,
          "timezones": [
            "Asia/Kolkata"
          ],
          "venues": 1
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn an_unchanged_answer_is_304() {
    let api = TestApi::open().await;
    for path in ["/shows", "/cities", "/screenings/5e000000-0000-0000-0000-000000000001"] {
        let first = api.get(path).await.expect(200);
        let known = api.call(path, &[("if-none-match", first.header("etag"))]).await.expect(304);
        assert!(known.body.is_empty());
        api.call(path, &[("if-none-match", "\"other\"")]).await.expect(200);
    }
}

#[tokio::test]
async fn scripts_of_other_sites_read_the_list_of_screenings_and_nothing_else() {
    let api = TestApi::open().await;
    let origin = ("origin", "https://house.example");
    let list = api.call("/screenings?limit=2", &[origin]).await.expect(200);
    let etag = list.header("etag").to_owned();
    let same = api.call("/screenings?limit=2", &[origin, ("if-none-match", &etag)]).await.expect(304);
    for answer in [list, same] {
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
        assert_eq!(answer.headers.get("access-control-allow-credentials"), None);
    }
    for path in ["/shows", "/policy", "/screenings/5e000000-0000-0000-0000-000000000001", "/me"] {
        let other = api.call(path, &[origin]).await;
        assert_eq!(other.headers.get("access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn bad_input_is_a_client_error() {
    let api = TestApi::open().await;
    for path in [
        "/shows/7",
        "/shows/50000000-0000-0000-0000-000000000099",
        "/shows/50000000-0000-0000-0000-000000000099/venues",
        "/venues/x",
        "/venues/7e000000-0000-0000-0000-000000000099/screens",
        "/screens/%00",
        "/screenings/%ff",
        "/screenings/5e000000-0000-0000-0000-000000000099/seats",
    ] {
        assert_eq!(api.get(path).await.expect(404).slug(), "not-found", "{path}");
    }
    let earliest = "WyItMDA5OTk5LTAxLTAyVDAwOjAwOjAwWiIsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd";
    for path in [
        "/shows?date=tomorrow",
        "/shows?status=lost",
        "/shows?limit=0",
        "/shows?limit=101",
        "/shows?limit=many",
        "/shows?cursor=x",
        "/shows?city=%00",
        &format!("/venues?city={}", "x".repeat(201)),
        "/screenings?show_id=7",
        "/screenings?from=tomorrow",
        &format!("/screenings?cursor={earliest}"),
    ] {
        api.get(path).await.expect(422);
    }
    for path in ["/shows?date=-009999-01-01", "/shows?city=%25&genre='", "/venues?city=%F0%9F%8E%AD"] {
        let status = api.get(path).await.status;
        assert!(matches!(status, 200 | 422), "{path}: {status}");
    }
    api.call("/shows", &[("min-position", "soon")]).await.expect(400);
}

/// Two thousand shows with ten screenings each, in ten cities, half of them over.
const MANY: &str = "
    INSERT INTO shows (show_id, title, description, duration_minutes, language, genres, status, created_at, position)
    SELECT gen_random_uuid(), 'Show ' || n, '', 90, (ARRAY['Tamil', 'Bengali'])[1 + n % 2],
           ARRAY[(ARRAY['Western', 'Musical'])[1 + n / 2 % 2]], 'active', now(), 1
    FROM generate_series(1, 2000) AS n;
    INSERT INTO screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, timezone,
                            starts_at, ends_at, local_date, cancel_until, prices, currency, capacity, available_seats, status,
                            position)
    SELECT gen_random_uuid(), show_id, title, '7e000000-0000-0000-0000-000000000001', 'Rex',
           '5c000000-0000-0000-0000-000000000001', 'Screen 1', 'City ' || n, 'Asia/Kolkata', start,
           start + interval '2 hours', start::date, start, '{}', 'INR', 4, 4, 'active', 1
    FROM shows CROSS JOIN generate_series(0, 9) AS n
    CROSS JOIN LATERAL (SELECT timestamptz '2026-11-22T10:00:00Z' + (n - 4.5) * interval '1 day' AS start) AS at
    WHERE title LIKE 'Show %';
    INSERT INTO city_shows SELECT show_id, city_key, max(starts_at) FROM screenings WHERE city LIKE 'City %' GROUP BY 1, 2;
    INSERT INTO city_days SELECT city, (last_start AT TIME ZONE 'UTC')::date, count(*) FROM city_shows
    WHERE city LIKE 'city %' GROUP BY 1, 2;
    INSERT INTO cities SELECT 'city ' || n, 'City ' || n, 1 FROM generate_series(0, 9) AS n;
    INSERT INTO venues (venue_id, name, address, city, timezone, opens_at, closes_at, status, created_at, position)
    SELECT gen_random_uuid(), 'Rex ' || n, '', 'City ' || n, 'Asia/Kolkata', '09:00', '02:00', 'active', now(), 1
    FROM generate_series(0, 9) AS n";

#[tokio::test]
async fn lists_of_the_catalogue_do_not_read_every_screening() {
    let api = TestApi::open().await;
    api.project(101, MANY).await;
    for statement in ["VACUUM ANALYZE", "SELECT pg_stat_force_next_flush()", "SELECT pg_stat_reset()"] {
        api.maintain(statement).await;
    }

    let cities = api.get("/cities").await.expect(200).json();
    let city = |name: &str| {
        let items = cities["items"].as_array().unwrap().clone();
        items.into_iter().find(|city| city["name"] == name).unwrap()["shows"].clone()
    };
    assert_eq!((city("City 4"), city("City 5"), city("City 9")), (0.into(), 2_000.into(), 2_000.into()));
    let paths = [
        "/shows",
        "/shows?language=tamil&genre=musical",
        "/shows?city=city+7",
        "/shows?city=city+7&date=2026-11-24",
        "/screenings",
        "/screenings?city=CITY+7",
        "/search?city=City+7",
    ];
    for path in paths {
        let found = api.get(path).await.expect(200).json();
        let field = if path.starts_with("/search") { "shows" } else { "items" };
        assert_eq!(found[field].as_array().unwrap().len(), 20, "{path}");
    }
    let read = api.rows_read(&["screenings", "city_shows"]).await;
    // Twenty thousand screenings and as many rows of cities for a single list, if it read them all.
    assert!(read < 15_000, "{read} rows read for {} lists", paths.len() + 1);
}

/// A show with ten screenings a day in one city, until far in the future, and five thousand of another on one of those days elsewhere.
const LONG_RUN: &str = "
    INSERT INTO shows (show_id, title, description, duration_minutes, language, genres, status, created_at, position)
    SELECT gen_random_uuid(), title, '', 90, 'Tamil', '{}', 'active', now(), 1 FROM unnest('{Long run,Festival}'::text[]) AS title;
    INSERT INTO screenings (screening_id, show_id, show_title, venue_id, venue_name, screen_id, screen_name, city, timezone,
                            starts_at, ends_at, local_date, cancel_until, prices, currency, capacity, available_seats, status,
                            position)
    SELECT gen_random_uuid(), show_id, title, '7e000000-0000-0000-0000-000000000001', 'Rex',
           '5c000000-0000-0000-0000-000000000001', 'Screen 1', city, 'UTC', start, start + interval '1 hour',
           (start AT TIME ZONE 'UTC')::date, start, '{}', 'INR', 4, 4, 'active', 1
    FROM (SELECT 'Long run' AS run, 'Run City' AS city, timestamptz '2026-11-23T10:00:00Z' + day * interval '1 day' +
                 hour * interval '1 hour' AS start FROM generate_series(0, 299) AS day, generate_series(0, 9) AS hour
          UNION ALL
          SELECT 'Festival', 'Festival City', timestamptz '2027-08-01T10:00:00Z' FROM generate_series(1, 5000)) AS given
    JOIN shows ON title = run;
    INSERT INTO city_shows SELECT show_id, city_key, max(starts_at) FROM screenings WHERE city IN ('Run City', 'Festival City')
    GROUP BY 1, 2;
    INSERT INTO cities VALUES ('run city', 'Run City', 1), ('festival city', 'Festival City', 1)";

#[tokio::test]
async fn the_shows_of_a_city_on_a_distant_day_are_found_without_the_days_before() {
    let api = TestApi::open().await;
    api.project(101, LONG_RUN).await;
    for statement in ["VACUUM ANALYZE", "SELECT pg_stat_force_next_flush()", "SELECT pg_stat_reset()"] {
        api.maintain(statement).await;
    }
    let found = api.get("/shows?city=Run+City&date=2027-08-01").await.expect(200);
    assert_eq!(found.each("title"), ["Long run"]);
    assert_eq!(found.each("next_screening_at"), ["2027-08-01T10:00:00Z"]);
    let read = api.rows_read(&["screenings"]).await;
    assert!(read < 500, "{read} rows read for the ten screenings of a day");
}
