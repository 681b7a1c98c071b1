//! `Min-Position`, and an outage of Postgres.

use std::time::Instant;

use ticketshow_tests::eventually;

use crate::fixture::{ADA, MONSOON, TestApi};

fn paths() -> [String; 2] {
    ["/cities".to_owned(), format!("/screenings/{MONSOON}/seats")]
}

#[tokio::test]
async fn a_query_waits_for_its_min_position() {
    let api = TestApi::open().await;
    api.call("/cities", &[("min-position", "100")]).await.expect(200);
    let (answer, ()) = tokio::join!(
        api.call("/cities", &[("min-position", "101")]),
        api.project(101, "UPDATE cities SET name = 'Pune' WHERE name = 'Mumbai'")
    );
    assert_eq!(answer.expect(200).each("name"), ["London", "Pune"]);
}

#[tokio::test]
async fn a_position_that_is_not_reached_is_503_after_two_seconds() {
    let api = TestApi::open().await;
    for path in paths() {
        let asked = Instant::now();
        for position in ["101", "18446744073709551615"] {
            let answer = api.call(&path, &[("min-position", position)]).await.expect(503);
            assert_eq!(answer.slug(), "read-model-behind");
        }
        assert!((4..6).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn a_notification_ahead_of_the_tables_is_not_trusted() {
    let api = TestApi::open().await;
    api.project(100, "NOTIFY projected, '500'").await;
    for path in paths() {
        let answer = api.call(&path, &[("min-position", "400")]).await.expect(503);
        assert_eq!(answer.slug(), "read-model-behind", "{path}");
    }
}

#[tokio::test]
async fn queries_recover_from_an_outage_of_postgres() {
    let mut api = TestApi::open().await;
    let path = format!("/screenings/{MONSOON}/seats");
    api.get(&path).await.expect(200);
    api.get("/shows").await.expect(200);

    api.postgres.kill();
    for path in ["/shows", "/screenings"] {
        let asked = Instant::now();
        let answer = api.get(path).await.expect(503);
        assert_eq!((answer.slug().as_str(), answer.header("retry-after")), ("unavailable", "1"));
        assert!(asked.elapsed().as_secs() < 3);
    }
    api.get_as(ADA, "/wallet").await.expect(503);
    // A cached map is served only while it is known to be current.
    eventually("the cached map to be distrusted", async || {
        (api.get(&path).await.status == 503).then_some(())
    })
    .await;

    api.postgres.restart().await;
    eventually("recovery", async || {
        let shows = api.get("/shows").await.status;
        let seats = api.call(&path, &[("min-position", "100")]).await.status;
        (shows == 200 && seats == 200).then_some(())
    })
    .await;
}
