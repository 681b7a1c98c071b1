//! An evening at the counter, and a server that is killed during sales.

use std::time::Duration;

use serde_json::{Value, json};
use ticketshow_tests::{Client, Stack, eventually, eventually_within, inr, plain_rows, seat_status};
use tokio::task::JoinSet;

fn sale(screening: &str, seats: &[&str], method: &str) -> Value {
    let seats: Vec<Value> = seats.iter().map(|seat| json!({"seat": seat})).collect();
    json!({"screening_id": screening, "seats": seats, "method": method})
}

async fn open_till(seller: &Client, float: i64) -> String {
    let body = json!({"float": inr(float)});
    seller.post("/box-office/tills", &body).await.expect(201).str("till_id").to_owned()
}

#[tokio::test]
async fn an_evening_at_the_counter_adds_up_to_the_last_rupee() {
    let stack = Stack::shared().await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(2, 5)).await;
    let ada = stack.customer().await;
    let till = open_till(&admin, 200_000).await;

    let mut body = sale(&screening, &["A-1", "A-2", "A-3"], "cash");
    body["customer"] = json!({"name": "Ada L.", "email": ada.email});
    let cash = admin.post("/box-office/sales", &body).await.expect(201);
    let mut body = sale(&screening, &["B-1", "B-2"], "complimentary");
    body["reason"] = json!("Press");
    body["customer"] = json!({"name": "Zoë Reporter", "phone": "022 5550 1234"});
    let free = admin.post("/box-office/sales", &body).await.expect(201);
    let upi = admin.post("/box-office/sales", &sale(&screening, &["B-3"], "upi")).await.expect(201);
    let position = upi.position();

    let map = admin.get(&format!("/screenings/{screening}/seats")).min_position(position).await.expect(200);
    assert_eq!((seat_status(&map.json, "A-1"), seat_status(&map.json, "B-4")), ("sold", "free"));
    let own = ada.client.get(&format!("/bookings/{}", cash.str("booking_id"))).min_position(position).await;
    let own = own.expect(200);
    assert_eq!((own.str("status"), &own.json["payment"]["method"]), ("confirmed", &json!("cash")));
    assert_eq!(own.json["tickets"].as_array().map(Vec::len), Some(3));
    let guests = admin.get(&format!("/screenings/{screening}/guests?q=reporter")).await.expect(200);
    assert_eq!(guests.json["items"][0]["name"], "Zoë Reporter");
    let found = admin.get("/admin/bookings?q=5550%201234").await.expect(200);
    assert_eq!(found.json["items"][0]["booking_id"], free.json["booking_id"]);
    let printed = admin.get(&format!("/bookings/{}/tickets.pdf", free.str("booking_id"))).await.expect(200);
    assert!(printed.body.starts_with(b"%PDF"));
    stack
        .customer()
        .await
        .client
        .get(&format!("/bookings/{}/tickets.pdf", free.str("booking_id")))
        .await
        .expect(404);

    // The screening is called off: the money waits at the counter.
    admin.delete(&format!("/screenings/{screening}")).await.expect(202);
    let owed = eventually("two refunds to wait at the counter", async || {
        let owed = admin.get("/box-office/refunds?limit=100").try_send().await.ok()?;
        let items = owed.json["items"].as_array()?;
        let ours = |id: &str| items.iter().any(|item| item["booking_id"] == id);
        (ours(cash.str("booking_id")) && ours(upi.str("booking_id"))).then_some(owed.json)
    })
    .await;
    let waits = |id: &str| {
        owed["items"].as_array().is_some_and(|items| items.iter().any(|item| item["booking_id"] == id))
    };
    assert!(!waits(free.str("booking_id")), "nothing was paid");
    for (booking, method) in [(&cash, "cash"), (&upi, "cash")] {
        let body = json!({"booking_id": booking.str("booking_id"), "method": method});
        admin.post("/box-office/refunds", &body).await.expect(201);
        admin.post("/box-office/refunds", &body).await.expect_problem(409, "already-refunded");
    }

    let counted = json!({"counted": inr(174_000)});
    let closed = admin.post(&format!("/box-office/tills/{till}/closing"), &counted).await.expect(200);
    assert_eq!((&closed.json["expected"], &closed.json["difference"]), (&inr(175_000), &inr(-1_000)));
    let report =
        admin.get(&format!("/box-office/tills/{till}")).min_position(closed.position()).await.expect(200);
    let line =
        |method: &str, count: u32, minor| json!({"method": method, "count": count, "amount": inr(minor)});
    let sales = json!([line("cash", 1, 75_000), line("complimentary", 1, 0), line("upi", 1, 25_000)]);
    assert_eq!(
        (&report.json["sales"], &report.json["refunds"]),
        (&sales, &json!([line("cash", 2, 100_000)]))
    );
    assert_eq!((&report.json["expected"], &report.json["counted"]), (&inr(175_000), &inr(174_000)));
    let listed = admin.get("/box-office/tills?open=false").await.expect(200);
    assert_eq!(listed.json["items"][0], report.json);
    let refunded = ada.client.get(&format!("/bookings/{}", cash.str("booking_id"))).await.expect(200);
    assert_eq!((refunded.str("status"), &refunded.json["refund"]["to"]), ("refunded", &json!("cash")));
    stack.verify();
}

#[tokio::test]
async fn a_server_that_dies_amid_sales_sells_each_seat_once_and_finds_the_cash_of_each() {
    let mut stack = Stack::start_with(&[]).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(4, 10)).await;
    let till = open_till(&admin, 0).await;
    let seats: Vec<String> =
        ('A'..='D').flat_map(|row| (1..=10).map(move |number| format!("{row}-{number}"))).collect();
    let mut sales = JoinSet::new();
    for seat in &seats {
        let (client, body, key) = (admin.clone(), sale(&screening, &[seat], "cash"), seat.clone());
        sales.spawn(async move {
            client
                .post("/box-office/sales", &body)
                .key(&key)
                .try_send()
                .await
                .is_ok_and(|sold| sold.status == 201)
        });
    }
    // During the first answers.
    let mut answered = 0;
    while answered == 0 {
        answered += i64::from(sales.join_next().await.expect("one sale is answered").expect("no panic"));
    }
    stack.server.kill();
    while let Some(sale) = sales.join_next().await {
        answered += i64::from(sale.expect("no panic"));
    }
    stack.server.restart().await;

    let admin = stack.admin().await;
    let sold = eventually("every answered sale to be on the map", async || {
        let map = admin.get(&format!("/screenings/{screening}/seats")).try_send().await.ok()?;
        let sold = |seat: &&String| map.status == 200 && seat_status(&map.json, seat) == "sold";
        let sold = i64::try_from(seats.iter().filter(sold).count()).ok()?;
        (sold >= answered).then_some(sold)
    })
    .await;
    // Decided sales are completed without another request.
    eventually_within(Duration::from_secs(30), "the cash of every sale to be in the till", async || {
        let report = admin.get(&format!("/box-office/tills/{till}")).try_send().await.ok()?;
        let cash = report.json["sales"][0]["amount"]["amount_minor"].as_i64()?;
        (cash >= sold * 25_000 && report.json["expected"] == inr(cash)).then_some(())
    })
    .await;
    for seat in &seats {
        let body = sale(&screening, &[seat], "cash");
        let repeated = admin.post("/box-office/sales", &body).key(seat).await.expect(201);
        assert!(repeated.json["tickets"][0]["code"].is_string());
    }
    let report =
        admin.post(&format!("/box-office/tills/{till}/closing"), &json!({"counted": inr(1_000_000)}));
    assert_eq!(report.await.expect(200).json["difference"], inr(0), "40 seats at 250.00");
    stack.verify();
}
