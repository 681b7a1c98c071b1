//! A customer finds a show, takes seats, pays from the wallet and gets tickets; others compete for the same seats.

use serde_json::json;
use ticketshow_tests::{Stack, inr, plain_rows, seat_status};

#[tokio::test]
async fn from_registration_to_the_ticket() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(5, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;

    let known = ada.client.get(&format!("/screenings/{screening}")).await.expect(200);
    assert_eq!((&known.json["capacity"], &known.json["available_seats"]), (&json!(50), &json!(50)));
    let show = known.json["show"]["show_id"].as_str().or(known.json["show_id"].as_str()).unwrap().to_owned();
    let shows = ada.client.get("/shows?city=mumbai&language=English").await.expect(200);
    assert!(
        shows.json["items"].as_array().unwrap().iter().any(|item| item["show_id"] == *show),
        "{}",
        shows.text()
    );
    let venues = ada.client.get(&format!("/shows/{show}/venues?city=Mumbai")).await.expect(200);
    assert!(venues.text().contains(&screening), "{}", venues.text());
    let map_path = format!("/screenings/{screening}/seats");
    assert_eq!(seat_status(&ada.client.get(&map_path).await.expect(200).json, "C-4"), "free");

    let held = ada.reserve(&screening, &["C-4", "C-5"]).await.expect(201);
    assert_eq!((held.str("status"), &held.json["amount"]), ("held", &inr(50_000)));
    let booking = held.str("booking_id");
    let map = ada.client.get(&map_path).min_position(held.position()).await.expect(200);
    assert_eq!(seat_status(&map.json, "C-4"), "held");

    let paid = ada.pay(booking).await.expect(200);
    assert_eq!(paid.str("status"), "confirmed");
    let seen =
        ada.client.get(&format!("/bookings/{booking}")).min_position(paid.position()).await.expect(200);
    assert_eq!(seen.str("status"), "confirmed");
    let tickets = seen.json["tickets"].as_array().unwrap();
    assert_eq!(
        tickets.iter().map(|ticket| ticket["seat"].as_str().unwrap()).collect::<Vec<_>>(),
        ["C-4", "C-5"]
    );
    assert!(
        tickets.iter().all(|ticket| ticket["code"].as_str().is_some_and(|code| code.len() > 40)),
        "{}",
        seen.text()
    );
    assert_ne!(tickets[0]["code"], tickets[1]["code"]);

    let wallet = ada.client.get("/wallet").min_position(paid.position()).await.expect(200);
    assert_eq!(wallet.json["balance"], inr(50_000));
    let ledger = ada.client.get("/wallet/transactions").await.expect(200);
    assert_eq!(ledger.json["items"][0]["amount"], inr(-50_000));
    assert_eq!(ledger.json["items"][0]["booking_id"], *booking);
    // The last commits of a payment may follow its answer.
    ticketshow_tests::eventually("the seats to be sold on the map", async || {
        let map = ada.client.get(&map_path).await.expect(200);
        (seat_status(&map.json, "C-4") == "sold" && seat_status(&map.json, "C-5") == "sold").then_some(())
    })
    .await;
    let history = ada.client.get(&format!("/bookings/{booking}/history")).await.expect(200);
    assert!(history.json["items"].as_array().is_some_and(|items| items.len() >= 3), "{}", history.text());
    stack.verify();
}

#[tokio::test]
async fn of_two_customers_who_want_one_seat_one_gets_it() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = tokio::join!(stack.customer(), stack.customer());

    let (first, second) =
        tokio::join!(ada.reserve(&screening, &["A-1"]), bob.reserve(&screening, &["A-2", "A-1"]));
    let (won, lost) = if first.status == 201 { (first, second) } else { (second, first) };
    won.expect(201);
    let lost = lost.expect_problem(409, "seat-taken");
    assert_eq!(lost.json["seats"], json!(["A-1"]));
}

#[tokio::test]
async fn all_seats_go_to_somebody_when_many_want_them_at_once() {
    // Attempts that are under way count as holds of the customer in all screenings together.
    let stack = Stack::start_with(&[("TICKETSHOW_LIVE_HOLDS_PER_USER", "0")]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 20)).await;
    let customers =
        [stack.customer().await, stack.customer().await, stack.customer().await, stack.customer().await];
    let mut attempts = tokio::task::JoinSet::new();
    for seat in 1..=20 {
        for customer in &customers {
            let (customer, screening) = (customer.clone(), screening.clone());
            attempts
                .spawn(async move { (seat, customer.reserve(&screening, &[&format!("A-{seat}")]).await) });
        }
    }
    let mut owners = std::collections::BTreeMap::<i32, usize>::new();
    for (seat, answer) in attempts.join_all().await {
        match answer.status {
            201 => *owners.entry(seat).or_default() += 1,
            409 => assert!(
                matches!(answer.problem(), Some("seat-taken" | "too-many-holds")),
                "{}",
                answer.text()
            ),
            _ => panic!("{}", answer.text()),
        }
    }
    assert!(owners.values().all(|count| *count == 1), "{owners:?}");
    // Three unpaid holds per customer.
    assert_eq!(owners.len(), 12);
}

#[tokio::test]
async fn who_cannot_pay_keeps_the_hold_and_no_money_moves() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let poor = stack.customer_with(&admin, 24_999).await;
    let held = poor.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");

    let refused = poor.pay(booking).await.expect_problem(402, "insufficient-funds");
    let seen =
        poor.client.get(&format!("/bookings/{booking}")).min_position(refused.position()).await.expect(200);
    assert_eq!(seen.str("status"), "held");
    assert_eq!(poor.client.get("/wallet").await.expect(200).json["balance"], inr(24_999));

    let credit = json!({"amount": inr(1), "reason": "the missing paisa"});
    admin.post(&format!("/admin/wallets/{}/credits", poor.user_id), &credit).await.expect(201);
    assert_eq!(poor.pay(booking).await.expect(200).str("status"), "confirmed");
}

#[tokio::test]
async fn what_belongs_to_another_customer_does_not_exist() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let ada = stack.customer_with(&admin, 100_000).await;
    let mallory = stack.customer_with(&admin, 100_000).await;
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    let path = format!("/bookings/{booking}");

    for client in [&mallory.client, &admin] {
        client.get(&path).min_position(held.position()).await.expect_problem(404, "not-found");
        client.get(&format!("{path}/history")).await.expect_problem(404, "not-found");
        client.delete(&path).await.expect_problem(404, "not-found");
    }
    mallory.pay(booking).await.expect_problem(404, "not-found");
    mallory.client.anonymous().get(&path).await.expect(401);
    assert_eq!(mallory.client.get("/bookings").await.expect(200).json["items"], json!([]));
    assert_eq!(ada.client.get(&path).await.expect(200).str("status"), "held");
}

#[tokio::test]
async fn customers_read_what_they_have_just_written() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(2, 100)).await;
    // Several, because one who keeps giving seats back has to wait.
    let people = [stack.customer().await, stack.customer().await, stack.customer().await];
    let map_path = format!("/screenings/{screening}/seats");
    for (seat, ada) in (1..=30).zip(people.iter().cycle()) {
        let seat = format!("A-{seat}");
        let held = ada.reserve(&screening, &[&seat]).await.expect(201);
        let booking = held.str("booking_id");
        let position = held.position();
        let seen = ada.client.get(&format!("/bookings/{booking}")).min_position(position).await.expect(200);
        assert_eq!(seen.str("status"), "held");
        let map = ada.client.get(&map_path).min_position(position).await.expect(200);
        assert_eq!(seat_status(&map.json, &seat), "held");
        assert!(map.json["position"].as_u64().unwrap() >= position);

        let gone = ada.client.delete(&format!("/bookings/{booking}")).await.expect(200);
        let map = ada.client.get(&map_path).min_position(gone.position()).await.expect(200);
        assert_eq!(seat_status(&map.json, &seat), "free");
    }
}

#[tokio::test]
async fn a_position_that_never_comes_is_waited_for_two_seconds_and_then_told() {
    let stack = Stack::shared().await;
    let start = std::time::Instant::now();
    let answer = stack.client().get("/shows").min_position(u64::from(u32::MAX)).await;
    answer.expect_problem(503, "read-model-behind");
    assert!((1..5).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_customer_who_changes_the_mind_frees_the_seat() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 10)).await;
    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer().await);
    let held = ada.reserve(&screening, &["A-1"]).await.expect(201);
    let booking = held.str("booking_id");
    let cancelled = ada.client.delete(&format!("/bookings/{booking}")).await.expect(200);
    assert_eq!(cancelled.str("status"), "cancelled");
    ada.client.delete(&format!("/bookings/{booking}")).await.expect(200);
    ada.pay(booking).await.expect_problem(409, "booking-cancelled");
    bob.reserve(&screening, &["A-1"]).await.expect(201);
}
