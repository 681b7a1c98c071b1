//! Guest lists of screenings.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use crate::fixture::{ADA, MONSOON, TestApi};

const GUESTS: &str = "/screenings/5e000000-0000-0000-0000-000000000001/guests";

/// Ada has paid three seats and is in with one of them; a customer without a name has paid one.
async fn with_guests() -> TestApi {
    let api = TestApi::open().await;
    let guests = "
        UPDATE bookings SET seats = '{A-2,B-2,C-1}', checked_in = 2,
               check_ins = '{\"A-2\": \"2026-11-23T12:00:00Z\", \"C-1\": \"2026-11-23T12:05:00Z\"}'
        WHERE booking_id = 'b0000000-0000-0000-0000-000000000002';
        UPDATE accounts SET name = '=Ada, \"A\"' WHERE name = 'Ada';
        INSERT INTO bookings (booking_id, screening_id, customer_id, status, claim, seats, amount_minor, currency,
                              held_until, created_at, position)
        VALUES ('a2000000-0000-4000-8000-000000000009', '{MONSOON}', 'ac000000-0000-0000-0000-000000000009', 'confirmed',
                'sold', '{D-1}', 1, 'INR', now(), now(), 90)";
    api.project(101, &guests.replace("{MONSOON}", MONSOON)).await;
    api
}

#[tokio::test]
async fn staff_see_who_has_paid_and_who_is_in() {
    let api = with_guests().await;
    let guests = api.get_as_staff(GUESTS).await.expect(200);
    assert_eq!(guests.each("name"), [Value::Null, json!("=Ada, \"A\""), json!("Bob")], "no unpaid ones");
    assert_json_snapshot!(guests.json()["items"][1], @r#"
    {
      "booking_id": "b0000000-0000-0000-0000-000000000002",
      "checked_in_at": "2026-11-23T17:35:00+05:30",
      "name": "=Ada, \"A\"",
      "reference": "Q222-2222",
      "seats": [
        "A-2",
        "B-2",
        "C-1"
      ],
      "ticket_types": [
        "standard",
        "standard",
        "standard"
      ],
      "tickets": [
        {
          "checked_in_at": "2026-11-23T17:30:00+05:30",
          "seat": "A-2",
          "ticket_type": "standard"
        },
        {
          "checked_in_at": null,
          "seat": "B-2",
          "ticket_type": "standard"
        },
        {
          "checked_in_at": "2026-11-23T17:35:00+05:30",
          "seat": "C-1",
          "ticket_type": "standard"
        }
      ]
    }
    "#);
    assert_eq!(api.get_as(ADA, GUESTS).await.expect(403).slug(), "forbidden");
    api.get("/screenings/5e000000-0000-0000-0000-000000000001/guests").await.expect(401);
    api.get_as_staff("/screenings/5e000000-0000-0000-0000-000000000099/guests").await.expect(404);
}

#[tokio::test]
async fn guests_are_found_by_name_number_and_seat_and_paged_by_name() {
    let api = with_guests().await;
    let found = async |query: &str| -> String {
        let answer = api.get_as_staff(&format!("{GUESTS}?{query}")).await.expect(200);
        answer.each("booking_id").iter().map(|id| id.as_str().unwrap().chars().last().unwrap()).collect()
    };
    assert_eq!(found("").await, "923");
    for (query, expected) in [
        ("BO", "3"),
        ("b-1", "3"),
        ("q222%202222", "23"),
        ("NA22-2222", "9"),
        ("example.com", ""),
        ("zz", ""),
    ] {
        assert_eq!(found(&format!("q={query}")).await, expected, "{query}");
    }
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let page = api.get_as_staff(&format!("{GUESTS}?limit=1{cursor}")).await.expect(200).json();
        pages.push(page["items"][0]["name"].clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, [Value::Null, json!("=Ada, \"A\""), json!("Bob")]);
}

#[tokio::test]
async fn the_guest_list_as_csv_has_a_line_for_each_seat_and_no_formulas() {
    let api = with_guests().await;
    let csv =
        api.get_as_staff_with(&format!("{GUESTS}?limit=1"), &[("accept", "text/csv")]).await.expect(200);
    assert_eq!((csv.header("content-type"), csv.header("vary")), ("text/csv; charset=utf-8", "accept"));
    let text = String::from_utf8_lossy(&csv.body).replace('\r', "");
    let text = text.strip_prefix('\u{feff}').expect("the mark without which Excel guesses the encoding");
    assert_snapshot!(text, @r#"
    name,reference,seat,ticket_type,checked_in_at,level
    ,NA22-2222,D-1,standard,,
    "'=Ada, ""A""",Q222-2222,A-2,standard,2026-11-23T17:30:00+05:30,
    "'=Ada, ""A""",Q222-2222,B-2,standard,,
    "'=Ada, ""A""",Q222-2222,C-1,standard,2026-11-23T17:35:00+05:30,
    Bob,Q222-2222,B-1,standard,,
    "#);
}

#[tokio::test]
async fn tickets_and_lists_name_the_level_of_a_seat_where_the_room_has_several() {
    let api = with_guests().await;
    let levels = "
        UPDATE seat_maps SET layout = jsonb_set(jsonb_set(layout, '{rows,0,level}', '\"Stalls\"'),
                                                '{rows,1,level}', '\"Balcony\"')
        WHERE screening_id = '{MONSOON}'";
    api.project(102, &levels.replace("{MONSOON}", MONSOON)).await;
    let level_of = |tickets: &Value, seat: &str| {
        let tickets = tickets.as_array().unwrap();
        tickets.iter().find(|ticket| ticket["seat"] == seat).unwrap()["level"].clone()
    };
    let guests = api.get_as_staff(GUESTS).await.expect(200).json();
    let ada = &guests["items"][1]["tickets"];
    let seen = ["A-2", "B-2", "C-1"].map(|seat| level_of(ada, seat));
    assert_eq!(seen, [json!("Stalls"), json!("Balcony"), Value::Null]);
    let door = GUESTS.replace("guests", "door");
    let door = api.get_as_staff(&door).await.expect(200).json();
    assert_eq!(level_of(&door["tickets"], "B-1"), json!("Balcony"));
    let csv = api.get_as_staff_with(GUESTS, &[("accept", "text/csv")]).await.expect(200);
    assert!(String::from_utf8_lossy(&csv.body).contains("Bob,Q222-2222,B-1,standard,,Balcony"));
    api.get_as_staff_with(GUESTS, &[("accept", "application/pdf")]).await.expect(200);
    for list in ["/bookings/b0000000-0000-0000-0000-000000000002", "/bookings"] {
        let answer = api.get_as(ADA, list).await.expect(200).json();
        let booking = answer["items"].as_array().map_or(&answer, |all| {
            all.iter().find(|one| one["booking_id"] == "b0000000-0000-0000-0000-000000000002").unwrap()
        });
        assert_eq!(level_of(&booking["tickets"], "A-2"), json!("Stalls"), "{list}");
    }
}

#[tokio::test]
async fn guests_are_sorted_as_people_sort_and_found_however_a_name_is_typed() {
    let api = with_guests().await;
    let names = "UPDATE accounts SET name = CASE WHEN name = 'Bob' THEN 'Émile' ELSE 'zed 10' END;
                 UPDATE bookings SET customer_id = 'ac000000-0000-0000-0000-000000000077'
                 WHERE customer_id = 'ac000000-0000-0000-0000-000000000009';
                 INSERT INTO buyers (user_id, name, position)
                 VALUES ('ac000000-0000-0000-0000-000000000077', 'Zed 9', 90)";
    api.project(102, names).await;
    let sorted = [json!("Émile"), json!("Zed 9"), json!("zed 10")];
    assert_eq!(api.get_as_staff(GUESTS).await.expect(200).each("name"), sorted);
    let mut paged = Vec::new();
    let mut page = format!("{GUESTS}?limit=1");
    loop {
        let items = api.get_as_staff(&page).await.expect(200);
        paged.extend(items.each("name"));
        let Some(cursor) = items.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        page = format!("{GUESTS}?limit=1&cursor={cursor}");
    }
    assert_eq!(paged, sorted, "pages have no gaps");
    let csv = api.get_as_staff_with(GUESTS, &[("accept", "text/csv")]).await.expect(200);
    let text = String::from_utf8_lossy(&csv.body).into_owned();
    let places: Vec<_> = ["Émile", "Zed 9", "zed 10"].map(|name| text.find(name)).into();
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
    // Decomposed, as keyboards of some telephones send it, with a blank too many.
    let found = api.get_as_staff(&format!("{GUESTS}?q=%20E%CC%81mile")).await.expect(200);
    assert_eq!(found.each("name"), [json!("Émile")]);
}

#[tokio::test]
async fn guests_are_listed_by_seat_and_printed() {
    let api = with_guests().await;
    let seats = async |query: &str| -> Vec<String> {
        let answer = api.get_as_staff(&format!("{GUESTS}?sort=seat{query}")).await.expect(200).json();
        let items = answer["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["seats"].to_string())
            .chain(answer["next_cursor"].as_str().map(str::to_owned))
            .collect()
    };
    // The layout has A-1, A-2, B-1 and B-2; seats that it does not have come last.
    assert_eq!(seats("").await, [r#"["A-2","B-2","C-1"]"#, r#"["B-1"]"#, r#"["D-1"]"#]);
    let first = seats("&limit=2").await;
    assert_eq!(first[..2], [r#"["A-2","B-2","C-1"]"#, r#"["B-1"]"#]);
    assert_eq!(seats(&format!("&limit=2&cursor={}", first[2])).await, [r#"["D-1"]"#]);

    let csv =
        api.get_as_staff_with(&format!("{GUESTS}?sort=seat"), &[("accept", "text/csv")]).await.expect(200);
    let text = String::from_utf8_lossy(&csv.body).replace('\r', "");
    let column: Vec<&str> = text.lines().skip(1).map(|line| line.rsplit(',').nth(3).unwrap()).collect();
    assert_eq!(column, ["A-2", "B-1", "B-2", "C-1", "D-1"]);
    let pdf = api.get_as_staff_with(GUESTS, &[("accept", "application/pdf")]).await.expect(200);
    assert_eq!((pdf.header("content-type"), pdf.header("vary")), ("application/pdf", "accept"));
    assert!(pdf.body.starts_with(b"%PDF"));
    api.get_as_staff(&format!("{GUESTS}?sort=age")).await.expect(422);
}

#[tokio::test]
async fn lists_say_that_a_guest_without_a_name_bought_at_the_counter() {
    let api = with_guests().await;
    let sales = "
        INSERT INTO counter_sales (booking_id, screening_id, seller_id, method, amount_minor, currency, sold_at, position)
        SELECT booking_id, screening_id, 'ac000000-0000-0000-0000-000000000003', 'cash', 1, 'INR', now(), 90
        FROM bookings WHERE booking_id IN ('a2000000-0000-4000-8000-000000000009', 'b0000000-0000-0000-0000-000000000003')";
    api.project(102, sales).await;
    let guests = api.get_as_staff(GUESTS).await.expect(200);
    assert_eq!(guests.each("name"), [Value::Null, json!("=Ada, \"A\""), json!("Bob")]);
    assert_eq!(guests.each("sold_at_counter"), [json!(true), Value::Null, json!(true)]);
    let csv = api.get_as_staff_with(GUESTS, &[("accept", "text/csv")]).await.expect(200);
    let text = String::from_utf8_lossy(&csv.body).into_owned();
    for line in ["\nSold at the counter,NA22-2222,D-1,", "\nBob (sold at the counter),Q222-2222,B-1,"] {
        assert!(text.contains(line), "{text}");
    }
    api.get_as_staff_with(GUESTS, &[("accept", "application/pdf")]).await.expect(200);
}
