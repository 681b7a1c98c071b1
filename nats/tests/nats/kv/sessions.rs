//! Signed-in sessions.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use ticketshow_domain::{AccountKey, UserId};
use ticketshow_nats::{
    clock,
    kv::sessions::{Rotation, Session, Sessions, TokenHash},
    server::users::NatsUser,
};
use ticketshow_tests::eventually;
use uuid::Uuid;

use crate::{
    proxy::{Proxy, lagging},
    site::{self, Site},
};

/// Digest of the password hash of a session.
const PASSWORD: &str = "a digest";

fn session() -> Session {
    let now = clock::now();
    Session {
        id: clock::new_id(),
        account: AccountKey(clock::new_id().simple().to_string()),
        user: UserId(clock::new_id()),
        token: TokenHash([1; 32]),
        spent: None,
        created_at: now,
        used_at: now,
        expires_at: now + SignedDuration::from_hours(1),
        user_agent: Some("a browser".into()),
        password: None,
        confirmed_at: None,
        rotations: 0,
    }
}

async fn sessions() -> Sessions {
    Sessions::new(&site::shared().await.connect(NatsUser::CommandApi).await)
}

#[tokio::test]
async fn a_session_is_found_until_it_ends() {
    let (sessions, session, now) = (sessions().await, session(), clock::now());
    sessions.create(&session).await.unwrap();

    assert_eq!(sessions.get(&session.account, session.id, now).await.unwrap().as_ref(), Some(&session));
    assert_eq!(sessions.list(&session.account, now).await.unwrap(), std::slice::from_ref(&session));
    assert!(sessions.get(&session.account, Uuid::nil(), now).await.unwrap().is_none());
    assert!(sessions.get(&session.account, session.id, session.expires_at).await.unwrap().is_none());
    assert!(sessions.list(&session.account, session.expires_at).await.unwrap().is_empty());
    let elsewhere = AccountKey("*".into());
    assert!(sessions.get(&elsewhere, session.id, now).await.unwrap().is_none());

    sessions.end(&session.account, session.id).await.unwrap();
    sessions.end(&session.account, session.id).await.unwrap();
    assert!(sessions.get(&session.account, session.id, now).await.unwrap().is_none());
    assert!(sessions.list(&session.account, now).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_presented_concurrently_is_exchanged_once() {
    let (sessions, session, now) = (sessions().await, session(), clock::now());
    sessions.create(&session).await.unwrap();

    let shown = (0..10).map(|number| {
        let (sessions, session) = (sessions.clone(), session.clone());
        tokio::spawn(async move {
            sessions
                .rotate(
                    &session.account,
                    session.id,
                    TokenHash([1; 32]),
                    TokenHash([10 + number; 32]),
                    PASSWORD,
                    now,
                )
                .await
                .unwrap()
        })
    });
    let mut rotated = 0;
    for rotation in shown.collect::<Vec<_>>() {
        match rotation.await.unwrap() {
            Rotation::Rotated(_) => rotated += 1,
            Rotation::JustSpent => {}
            other @ (Rotation::Repeated | Rotation::Unknown | Rotation::Stolen) => panic!("{other:?}"),
        }
    }

    assert_eq!(rotated, 1);
    let kept = sessions.get(&session.account, session.id, now).await.unwrap().unwrap();
    assert_eq!(kept.spent, Some((TokenHash([1; 32]), now)));
}

#[tokio::test]
async fn a_stolen_token_ends_its_session() {
    let (sessions, session, now) = (sessions().await, session(), clock::now());
    sessions.create(&session).await.unwrap();
    let rotate = async |shown, fresh, now| {
        sessions.rotate(&session.account, session.id, shown, fresh, PASSWORD, now).await.unwrap()
    };

    assert!(matches!(rotate(TokenHash([1; 32]), TokenHash([2; 32]), now).await, Rotation::Rotated(_)));
    let later = now + SignedDuration::from_secs(11);
    assert_eq!(rotate(TokenHash([1; 32]), TokenHash([3; 32]), later).await, Rotation::Stolen);
    assert_eq!(rotate(TokenHash([2; 32]), TokenHash([3; 32]), later).await, Rotation::Unknown);
}

#[tokio::test]
async fn a_session_of_an_earlier_version_is_bound_to_the_password_at_its_next_rotation() {
    let (sessions, session, now) = (sessions().await, session(), clock::now());
    sessions.create(&session).await.unwrap();
    let password = async || {
        let found = sessions.get(&session.account, session.id, now).await.unwrap();
        found.and_then(|session| session.password)
    };
    for (shown, digest) in [(1, "first"), (2, "second")] {
        let (shown, fresh) = (TokenHash([shown; 32]), TokenHash([shown + 1; 32]));
        sessions.rotate(&session.account, session.id, shown, fresh, digest, now).await.unwrap();
        assert_eq!(password().await.as_deref(), Some("first"));
    }
    sessions.bind(&session.account, session.id, "third").await.unwrap();
    assert_eq!(password().await.as_deref(), Some("third"));
}

#[tokio::test]
async fn all_but_one_session_can_be_ended() {
    let (sessions, first, now) = (sessions().await, session(), clock::now());
    let others = [session(), session()].map(|other| Session { account: first.account.clone(), ..other });
    for session in others.iter().chain([&first]) {
        sessions.create(session).await.unwrap();
    }

    sessions.end_all_but(&first.account, Some(first.id)).await.unwrap();
    assert_eq!(sessions.list(&first.account, now).await.unwrap(), std::slice::from_ref(&first));

    sessions.end_all_but(&first.account, None).await.unwrap();
    assert!(sessions.list(&first.account, now).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_session_that_a_replica_lacks_ends_with_all_others() {
    let site = Site::start().await;
    let proxy = Proxy::start(&site, lagging(1)).await;
    let sessions = Sessions::new(&site.connect_at(&proxy.url(), NatsUser::CommandApi).await);
    let (first, now) = (session(), clock::now());
    let all = [first.clone(), Session { id: clock::new_id(), ..first.clone() }];
    for session in &all {
        sessions.create(session).await.unwrap();
    }

    sessions.end_all_but(&first.account, None).await.unwrap();

    for session in &all {
        assert!(sessions.get(&session.account, session.id, now).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_account_keeps_its_twenty_latest_sessions() {
    let (sessions, first, now) = (sessions().await, session(), clock::now());
    let mut created = Vec::new();
    for number in 0..25 {
        let used_at = now - SignedDuration::from_secs(100 - number);
        let session = Session { account: first.account.clone(), created_at: used_at, used_at, ..session() };
        sessions.create(&session).await.unwrap();
        created.push(session);
    }

    assert_eq!(sessions.list(&first.account, now).await.unwrap(), created[5..]);
}

#[tokio::test]
async fn the_ends_of_sessions_are_followed_also_those_of_a_moment_ago() {
    let sessions = sessions().await;
    let (before, kept, after) = (session(), session(), session());
    for session in [&before, &kept, &after] {
        sessions.create(session).await.unwrap();
    }
    sessions.end(&before.account, before.id).await.unwrap();

    // A service that may only read the bucket.
    let reader = Sessions::new(&site::shared().await.connect(NatsUser::QueryApi).await);
    let ended = Arc::new(Mutex::new(Vec::new()));
    let following = tokio::spawn({
        let ended = Arc::clone(&ended);
        let note = move |session| ended.lock().unwrap().push(session);
        async move { reader.follow_ends(SignedDuration::from_mins(11), note).await }
    });
    let heard_of = async |session: Uuid| {
        eventually("the end to be heard of", async || ended.lock().unwrap().contains(&session).then_some(()))
            .await;
    };
    heard_of(before.id).await;
    let ids = sessions.end_all_but(&after.account, None).await.unwrap();
    assert_eq!(ids, [after.id]);
    heard_of(after.id).await;
    assert!(!ended.lock().unwrap().contains(&kept.id));
    following.abort();
}
