//! The mark of an installation.

use ticketshow_nats::{kv::installation::Installation, server::users::NatsUser};

use crate::site::Site;

#[tokio::test]
async fn the_first_service_marks_the_installation_for_good() {
    let site = Site::start().await;
    let first = Installation::new(&site.connect(NatsUser::CommandApi).await);
    let reader = Installation::new(&site.connect(NatsUser::QueryApi).await);
    assert_eq!(reader.has("one").await.unwrap(), None);

    assert!(first.mark("one").await.unwrap());
    for user in [NatsUser::CommandApi, NatsUser::Sagas, NatsUser::Serve] {
        let installation = Installation::new(&site.connect(user).await);
        assert!(installation.mark("one").await.unwrap());
        assert!(!installation.mark("other").await.unwrap());
    }

    assert_eq!(reader.has("one").await.unwrap(), Some(true));
    assert_eq!(reader.has("other").await.unwrap(), Some(false));
}
