//! Reading one's own write, and Postgres going away and coming back.

use std::time::Instant;

use ticketshow_tests::eventually;

use crate::house::{ADA, House, MONSOON};

fn paths() -> [String; 2] {
    ["/cities".to_owned(), format!("/screenings/{MONSOON}/seats")]
}

#[tokio::test]
async fn a_query_waits_for_the_position_it_asks_for() {
    let house = House::open().await;
    house.call("/cities", &[("min-position", "100")]).await.expect(200);
    let (answer, ()) = tokio::join!(
        house.call("/cities", &[("min-position", "101")]),
        house.project(101, "UPDATE venues SET city = 'Pune' WHERE name = 'Rex'")
    );
    assert_eq!(answer.expect(200).each("name"), ["London", "Pune"]);
}

#[tokio::test]
async fn a_position_that_does_not_come_is_503_after_two_seconds() {
    let house = House::open().await;
    for path in paths() {
        let asked = Instant::now();
        for position in ["101", "18446744073709551615"] {
            let answer = house.call(&path, &[("min-position", position)]).await.expect(503);
            assert_eq!(answer.slug(), "read-model-behind");
        }
        assert!((4..6).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn a_notification_that_promises_too_much_is_not_believed() {
    let house = House::open().await;
    house.project(100, "NOTIFY projected, '500'").await;
    for path in paths() {
        let answer = house.call(&path, &[("min-position", "400")]).await.expect(503);
        assert_eq!(answer.slug(), "read-model-behind", "{path}");
    }
}

#[tokio::test]
async fn postgres_may_go_and_come_back() {
    let mut house = House::open().await;
    let path = format!("/screenings/{MONSOON}/seats");
    house.get(&path).await.expect(200);
    house.get("/shows").await.expect(200);

    house.postgres.kill();
    for path in ["/shows", "/screenings"] {
        let asked = Instant::now();
        let answer = house.get(path).await.expect(503);
        assert_eq!((answer.slug().as_str(), answer.header("retry-after")), ("unavailable", "1"));
        assert!(asked.elapsed().as_secs() < 3);
    }
    house.get_as(ADA, "/wallet").await.expect(503);
    // A map in memory is good only as long as it is known to be current.
    eventually("the map to be doubted", async || (house.get(&path).await.status == 503).then_some(())).await;

    house.postgres.restart().await;
    eventually("everything to be back", async || {
        let shows = house.get("/shows").await.status;
        let seats = house.call(&path, &[("min-position", "100")]).await.status;
        (shows == 200 && seats == 200).then_some(())
    })
    .await;
}
