//! What a process could not handle.

use ticketshow_nats::{Connection, Failure, NatsUser, Parked, ParkedId, consumers::PAYMENT};
use ticketshow_tests::eventually;

use crate::{
    commits::Writer,
    durable::{ALL, Notes, Running},
    site::Site,
};

async fn until_parked(parked: &Parked, positions: &[u64]) {
    eventually(&format!("{positions:?} to be parked"), async || {
        let list = parked.list(None, 100).await.unwrap();
        list.iter().map(|message| message.id.position).eq(positions.iter().copied()).then_some(())
    })
    .await;
}

fn id(position: u64) -> ParkedId {
    ParkedId { consumer: PAYMENT.to_owned(), position }
}

/// A booking whose second commit is parked and its third behind it, and one that goes on.
async fn ill(site: &Site, connection: &Connection, id: &str) -> (std::sync::Arc<Notes>, Running, [u64; 2]) {
    let writer = Writer::new(site).await;
    let notes = Notes::ill();
    let running = Running::start(connection, ALL, &notes);
    let mut positions = Vec::new();
    for version in 1..=3 {
        positions.push(writer.commit(id, version, "x").await);
        writer.commit("well", version, "x").await;
    }
    notes.until("well", &[1, 2, 3]).await;
    (notes, running, [positions[1], positions[2]])
}

#[tokio::test]
async fn a_bug_parks_its_aggregate_and_nothing_else() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let parked = Parked::new(&site.connect(NatsUser::CommandApi).await);
    let (notes, running, [second, third]) = ill(&site, &connection, "park").await;
    until_parked(&parked, &[second, third]).await;

    let list = parked.list(None, 100).await.unwrap();
    assert_eq!((list[0].aggregate.as_str(), list[0].aggregate_id.as_str()), ("booking", "park"));
    assert_eq!((&list[0].error[..], list[0].attempts), (&["a bug".to_owned()][..], 1));
    assert_eq!((&list[1].error[..], list[1].attempts), (&[format!("waits behind payment-{second}")][..], 0));
    assert_eq!(parked.list(Some(&id(second)), 1).await.unwrap(), list[1..]);
    assert_eq!(parked.get(&id(third)).await.unwrap().as_ref(), Some(&list[1]));

    // In vain: it stays, with its attempts counted.
    assert!(parked.retry(&id(second)).await.unwrap());
    eventually("the second attempt", async || {
        parked.get(&id(second)).await.unwrap().filter(|message| message.attempts == 2)
    })
    .await;

    // Another process takes over and knows what is parked.
    running.stop().await;
    let running = Running::start(&connection, ALL, &notes);
    let fourth = Writer::new(&site).await.commit("park", 4, "x").await;
    until_parked(&parked, &[second, third, fourth]).await;

    notes.heal();
    assert!(parked.retry(&id(fourth)).await.unwrap());
    notes.until("park", &[1, 2, 3, 4]).await;
    until_parked(&parked, &[]).await;
    assert!(!parked.retry(&id(second)).await.unwrap());
    assert!(parked.get(&id(second)).await.unwrap().is_none());
    running.stop().await;
}

#[tokio::test]
async fn a_dropped_message_is_never_handled_and_lets_the_others_go_on() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let parked = Parked::new(&site.connect(NatsUser::CommandApi).await);
    let (notes, running, [second, third]) = ill(&site, &connection, "panic").await;
    until_parked(&parked, &[second, third]).await;

    assert!(parked.drop(&id(second)).await.unwrap());

    notes.until("panic", &[1, 3]).await;
    until_parked(&parked, &[]).await;
    running.stop().await;
    let nobody = parked.drop(&id(third)).await;
    assert!(matches!(nobody, Err(Failure::Away { .. })), "{nobody:?}");
}

#[tokio::test]
async fn what_nobody_can_read_is_parked_and_holds_up_nobody() {
    let site = Site::start().await;
    let connection = site.connect(NatsUser::Sagas).await;
    let (writer, notes) = (Writer::new(&site).await, Notes::ill());
    let running = Running::start(&connection, ALL, &notes);

    let garbled = writer.write("garbled", "x", "not a commit".to_owned()).await;
    writer.commit("well", 1, "x").await;

    notes.until("well", &[1]).await;
    let parked = Parked::new(&connection);
    until_parked(&parked, &[garbled]).await;
    let message = parked.get(&id(garbled)).await.unwrap().unwrap();
    assert_eq!(message.error[0], format!("message {garbled} is not a commit"));
    running.stop().await;
}
