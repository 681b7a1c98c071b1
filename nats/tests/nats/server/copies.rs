//! Copies of streams: complete, numbered as before, and continued by the consumers where they were.

use ticketshow_nats::{
    clock,
    consumers::{mails::Mails, parked::Parked},
    log::history::Log,
    server::{
        copies::{COPIED, Copies, CopyError},
        topology::provision,
        users::NatsUser,
    },
    subjects::consumers::PAYMENT,
};
use ticketshow_tests::{Folder, eventually};

use crate::{
    commits::Writer,
    consumers::subscription::{ALL, Recorder, Running},
    server::full::mail,
    site::{self, Site},
};

/// A text so long that a few of them travel in several pieces.
fn incompressible() -> String {
    (0..3_000).map(|_| clock::new_id().simple().to_string()).collect()
}

#[tokio::test]
async fn restored_streams_have_the_same_messages_and_consumers_do_not_begin_again() {
    let (old, folder) = (Site::start().await, Folder::new("copies"));
    let (writer, recorder) = (Writer::new(&old).await, Recorder::failing());
    let connection = old.connect(NatsUser::Sagas).await;
    let running = Running::start(&connection, ALL, &recorder);
    for version in 1..=3 {
        writer.large_commit("done", version, &incompressible()).await;
        writer.commit("park", version, "x").await;
    }
    recorder.until("done", &[1, 2, 3]).await;
    let parked = Parked::new(&connection);
    let list = eventually("two to be parked", async || {
        let list = parked.list(None, 10).await.unwrap();
        (list.len() == 2).then_some(list)
    })
    .await;
    let queued = mail(None);
    Mails::new(&connection).want(&queued).await.unwrap();
    let copies = Copies::new(&old.connect(NatsUser::Provision).await);
    let floors = eventually("everything to be acknowledged", async || {
        let floors = copies.ack_floors().await.unwrap();
        (floors["EVENTS"][PAYMENT] == 6).then_some(floors)
    })
    .await;

    let mut copied = Vec::new();
    for stream in COPIED {
        copied.push(copies.copy(stream, &folder.join(stream)).await.unwrap());
    }
    running.stop().await;
    let new = Site::start_empty().await;
    let provisioner = new.connect(NatsUser::Provision).await;
    let restoring = Copies::new(&provisioner);
    restoring.expect_new_server().await.unwrap();
    for stream in &copied {
        restoring.restore(stream, &folder.join(&stream.name), 1).await.unwrap();
    }
    let over_itself = restoring.restore(&copied[0], &folder.join(&copied[0].name), 1).await;
    assert!(matches!(over_itself, Err(CopyError::Away(_))), "{over_itself:?}");
    let not_new = restoring.expect_new_server().await;
    assert!(matches!(not_new, Err(CopyError::Exists(_))), "{not_new:?}");
    provision(&provisioner, &site::small()).await.unwrap();
    restoring.resume_after(&floors).await.unwrap();

    let connection = new.connect(NatsUser::Sagas).await;
    assert_eq!(Log::new(&connection).last_position().await.unwrap(), 6);
    assert_eq!(restoring.ack_floors().await.unwrap(), floors);
    assert_eq!(Parked::new(&connection).list(None, 10).await.unwrap(), list);
    assert_eq!(Mails::new(&connection).find(queued.id).await.unwrap().unwrap().mail, queued);
    let recorder = Recorder::failing();
    let running = Running::start(&connection, ALL, &recorder);
    assert_eq!(Writer::new(&new).await.commit("done", 4, "x").await, 7);
    recorder.until("done", &[4]).await;
    assert!(recorder.of("park").is_empty());
    running.stop().await;
}

#[tokio::test]
async fn a_damaged_copy_is_not_restored() {
    let (old, folder) = (Site::start().await, Folder::new("copies"));
    let writer = Writer::new(&old).await;
    for version in 1..=20 {
        writer.large_commit("b", version, &incompressible()).await;
    }
    let copies = Copies::new(&old.connect(NatsUser::Provision).await);
    let file = folder.join("EVENTS");
    let copied = copies.copy("EVENTS", &file).await.unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();

    let new = Site::start_empty().await;
    let restoring = Copies::new(&new.connect(NatsUser::Provision).await);
    let restored = restoring.restore(&copied, &file, 1).await;

    assert!(matches!(restored, Err(CopyError::Away(_))), "{restored:?}");
    restoring.expect_new_server().await.unwrap();
}
