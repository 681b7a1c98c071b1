//! Names as they are now, on everything scheduled, and cities under all their spellings.

use ticketshow_domain::{
    ShowId, VenueId,
    promise::Promise,
    show::{self, Show, ShowChanges, ShowDetails},
    venue::{self, Venue, VenueChanges, VenueDetails},
};
use ticketshow_projectors::{Verification, rebuild};
use tokio_util::sync::CancellationToken;

use crate::fixture::Fixture;

impl Fixture {
    async fn venue(&self, name: &str, city: &str) -> VenueId {
        let venue = VenueId(self.id());
        let details = VenueDetails {
            name: name.to_owned(),
            address: "12 Lake Road".to_owned(),
            city: city.to_owned(),
            timezone: "Asia/Kolkata".parse().unwrap(),
            opens_at: "00:00".parse().unwrap(),
            closes_at: "00:00".parse().unwrap(),
        };
        let create = venue::Command::CreateVenue { venue, details, fingerprint: None };
        self.execute::<Venue>(&venue, create).await;
        venue
    }

    async fn move_to(&self, venue: VenueId, city: &str) {
        let changes = VenueChanges { city: Some(city.to_owned()), ..VenueChanges::default() };
        self.execute::<Venue>(&venue, venue::Command::UpdateVenue { changes }).await;
    }

    async fn show(&self, title: &str) -> ShowId {
        let show = ShowId(self.id());
        let details = ShowDetails {
            title: title.to_owned(),
            description: String::new(),
            duration_minutes: 90,
            language: "English".to_owned(),
            certificate: None,
            genres: Vec::new(),
            people: Vec::new(),
        };
        let create = show::Command::CreateShow { show, details, fingerprint: None };
        self.execute::<Show>(&show, create).await;
        show
    }

    async fn texts(&self, select: &'static str) -> Vec<String> {
        sqlx::query_scalar(select).fetch_all(&self.pool).await.unwrap()
    }

    async fn assert_equal_to_a_rebuild(&self) {
        let stop = CancellationToken::new();
        rebuild(&self.pool, &self.connection, Verification::Compare, &stop, |_| ()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screening_has_the_current_names_of_its_show_venue_and_city() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    let (show, venue) = (fixture.show("Old title").await, fixture.venue("Old house", "Bombay").await);
    let promise = Promise {
        show,
        venue,
        show_title: "Old title".to_owned(),
        venue_name: "Old house".to_owned(),
        city: "Bombay".to_owned(),
        ..fixture.promise(1, 2)
    };
    fixture.open(promise.clone()).await;
    fixture.projected().await;

    let changes = ShowChanges { title: Some("New title".to_owned()), ..ShowChanges::default() };
    fixture.execute::<Show>(&show, show::Command::UpdateShow { changes }).await;
    fixture.move_to(venue, "Pune").await;
    let changes = VenueChanges { name: Some("New house".to_owned()), ..VenueChanges::default() };
    fixture.execute::<Venue>(&venue, venue::Command::UpdateVenue { changes }).await;
    // Scheduled before the change, opened after it.
    fixture.open(promise).await;
    let end = fixture.projected().await;
    let names = "SELECT DISTINCT concat_ws('/', show_title, venue_name, city, city_key) FROM screenings";
    assert_eq!(fixture.texts(names).await, ["New title/New house/Pune/pune"]);
    assert_eq!(fixture.texts("SELECT city FROM city_shows").await, ["pune"]);
    assert_eq!(fixture.texts("SELECT city FROM city_days").await, ["pune"]);
    assert_eq!(fixture.texts("SELECT city_key || ' ' || name FROM cities").await, ["pune Pune"]);
    let changed: i64 = sqlx::query_scalar("SELECT position FROM catalogue_changes WHERE id = $1")
        .bind(show.0)
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(changed.cast_unsigned(), end, "the search index has to read where the show plays");
    fixture.assert_equal_to_a_rebuild().await;
    projector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_is_one_under_all_its_names_and_has_that_of_most_venues() {
    let fixture = Fixture::build().await;
    let projector = fixture.project();
    for city in ["Bengaluru", "bengaluru", "Bangalore"] {
        fixture.venue("Rex", city).await;
    }
    fixture.projected().await;
    let cities = "SELECT concat_ws(' ', city_key, name, venues) FROM cities ORDER BY 1";
    assert_eq!(fixture.texts(cities).await, ["bengaluru Bengaluru 3"]);
    let other = fixture.venue("Globe", "Bangalore").await;
    fixture.projected().await;
    assert_eq!(fixture.texts(cities).await, ["bengaluru Bangalore 4"]);
    fixture
        .execute::<Venue>(&other, venue::Command::DeactivateVenue { cascade: fixture.id(), reason: None })
        .await;
    fixture.venue("Raipur House", "Raipur").await;
    fixture.projected().await;
    assert_eq!(fixture.texts(cities).await, ["bengaluru Bengaluru 3", "raipur Raipur 1"]);
    fixture.assert_equal_to_a_rebuild().await;
    projector.stop().await;
}
