//! Keys of persons: texts that open until the key is destroyed, and wrapping keys that are replaced.

use ticketshow_domain::{Personal, UserId};
use ticketshow_nats::{
    clock,
    failure::Failure,
    key_ring::WrappingKeys,
    kv::persons::Persons,
    server::{
        connection::{Connection, Settings},
        topology::{TopologySettings, provision},
    },
};
use ticketshow_tests::Nats;

async fn connect(nats: &Nats) -> Connection {
    let settings = Settings { url: nats.url(), name: "test".into(), nkey_seed_file: None };
    Connection::open(&settings).await.unwrap()
}

async fn installation() -> Nats {
    let nats = Nats::start().await;
    provision(&connect(&nats).await, &TopologySettings::default()).await.unwrap();
    nats
}

/// A process of its own, which knows no key of a person yet.
async fn process(nats: &Nats, keys: &[u8]) -> Persons {
    let keys = WrappingKeys::new(keys.iter().map(|key| [*key; 32]).collect());
    Persons::new(&connect(nats).await.with_wrapping_keys(keys))
}

fn person() -> UserId {
    UserId(clock::new_id())
}

#[tokio::test]
async fn a_text_opens_everywhere_until_the_key_of_its_person_is_destroyed() {
    let nats = installation().await;
    let (one, ada, bob) = (process(&nats, &[1]).await, person(), person());
    let text = one.seal(ada, "ada@example.org").await.unwrap();
    let of_bob = one.seal(bob, "bob@example.org").await.unwrap();
    assert!(!text.as_stored().contains("ada@"));
    assert_eq!(text.seal().map(|(user, _)| user), Some(ada));
    for reader in [&one, &process(&nats, &[1]).await] {
        assert_eq!(reader.unseal(&text).await.unwrap().as_deref(), Some("ada@example.org"));
    }

    one.destroy(ada).await.unwrap();
    one.destroy(ada).await.unwrap();
    for reader in [&one, &process(&nats, &[1]).await] {
        assert_eq!(reader.unseal(&text).await.unwrap(), None);
        assert_eq!(reader.shown(&text).await.unwrap(), Personal::ERASED);
        assert_eq!(reader.shown(&of_bob).await.unwrap(), "bob@example.org");
    }
    assert!(matches!(one.seal(ada, "again").await, Err(Failure::Busy)), "no key again");
}

#[tokio::test]
async fn texts_in_clear_are_read_as_they_are_and_stay_so_without_wrapping_keys() {
    let nats = installation().await;
    let (with, without, ada) = (process(&nats, &[1]).await, process(&nats, &[]).await, person());
    let clear = without.seal(ada, "Ada").await.unwrap();
    assert_eq!(clear.in_clear(), Some("Ada"));
    assert_eq!(with.shown(&clear).await.unwrap(), "Ada");
    let sealed = with.seal(ada, "Ada").await.unwrap();
    assert!(matches!(without.unseal(&sealed).await, Err(Failure::Sealed)), "not mistaken for erased");
    let with_another = process(&nats, &[2]).await;
    assert!(matches!(with_another.unseal(&sealed).await, Err(Failure::Sealed)));
}

#[tokio::test]
async fn after_a_new_wrapping_key_the_old_one_is_no_longer_needed() {
    let nats = installation().await;
    let (old, ada, bob) = (process(&nats, &[1]).await, person(), person());
    let texts = [old.seal(ada, "Ada").await.unwrap(), old.seal(bob, "Bob").await.unwrap()];

    let both = process(&nats, &[2, 1]).await;
    assert_eq!(both.shown(&texts[0]).await.unwrap(), "Ada");
    assert_eq!(both.wrap_again().await.unwrap(), 2);
    assert_eq!(both.wrap_again().await.unwrap(), 0);
    let new = process(&nats, &[2]).await;
    assert_eq!(new.shown(&texts[0]).await.unwrap(), "Ada");
    assert_eq!(new.shown(&texts[1]).await.unwrap(), "Bob");
}

#[tokio::test]
async fn the_key_of_a_person_without_an_account_lasts_once_it_is_kept() {
    let nats = installation().await;
    let (persons, ada) = (process(&nats, &[1]).await, person());
    let [email, name] = persons.seal_for_a_week(ada, ["ada@example.org", "Ada"]).await.unwrap();
    let lives = async || {
        let raw = async_nats::jetstream::new(async_nats::connect(nats.url()).await.unwrap());
        let bucket = raw.get_stream("KV_PERSONS").await.unwrap();
        let stored = bucket.get_last_raw_message_by_subject(&format!("$KV.PERSONS.{ada}")).await.unwrap();
        stored.headers.get("Nats-TTL").map(ToString::to_string)
    };
    assert_eq!(lives().await.as_deref(), Some("168h"));
    assert!(persons.keep(ada).await.unwrap());
    assert_eq!(lives().await, None);
    assert!(!persons.keep(person()).await.unwrap(), "there is none");
    for (text, clear) in [(&email, "ada@example.org"), (&name, "Ada")] {
        assert_eq!(process(&nats, &[1]).await.shown(text).await.unwrap(), clear);
    }
}
