//! The harness itself: what it starts answers, survives a kill and is gone afterwards.

use sqlx::{Connection, PgConnection};
use ticketshow_tests::{Client, Inbox, Minio, Nats, NatsCluster, OpenSearch, Postgres, eventually};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_nats_server_comes_back_on_the_same_port_after_a_kill() {
    let mut nats = Nats::start().await;
    let url = nats.url();
    nats.kill();
    nats.restart().await;
    assert_eq!(nats.url(), url);
    Client::new(&nats.monitor_url()).get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_cluster_is_whole_again_after_a_member_was_killed() {
    let mut cluster = NatsCluster::start(3).await;
    cluster.kill("n2");
    cluster.restart("n2").await;
    assert_eq!(cluster.url().split(',').count(), 3);
}

#[tokio::test]
async fn postgres_keeps_what_it_has_over_a_kill() {
    let mut postgres = Postgres::start().await;
    let database = postgres.fresh_database().await;
    let mut connection = PgConnection::connect(&database).await.unwrap();
    sqlx::query("CREATE TABLE kept (n int)").execute(&mut connection).await.unwrap();
    postgres.kill();
    postgres.restart().await;
    let mut connection = PgConnection::connect(&database).await.unwrap();
    sqlx::query("SELECT n FROM kept").execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn opensearch_keeps_what_it_has_over_a_kill() {
    let mut node = OpenSearch::start().await;
    let put = node.client().call(hyper::Method::PUT, "/kept/_doc/1?refresh=true");
    put.json(&serde_json::json!({"city": "Pune"})).await.expect(201);
    node.restart().await;
    node.client().get("/kept/_doc/1").await.expect(200);
    node.restart_empty().await;
    node.client().get("/kept/_doc/1").await.expect(404);
}

#[tokio::test]
async fn an_object_store_is_there_again_after_a_kill() {
    let mut store = Minio::start().await;
    let url = store.url();
    store.kill();
    store.restart().await;
    assert_eq!(store.url(), url);
    // Anonymous requests are refused. For a moment after a restart it answers 503 to everything.
    eventually("the store to refuse a request without a key", async || {
        (store.client().get("/").await.status == 403).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_inbox_shows_what_was_sent_to_it() {
    let inbox = Inbox::start().await;
    let address = inbox.url().strip_prefix("smtp://").unwrap().to_owned();
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mail = "From: a@example.com\r\nTo: Ann <ann@example.com>\r\nSubject: =?UTF-8?Q?Caf=C3=A9?=\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x\r\n\
        Content-Type: application/pdf; name=t.pdf\r\nContent-Disposition: attachment; filename=t.pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--x--\r\n.\r\n";
    let talk = [
        "",
        "HELO test\r\n",
        "MAIL FROM:<a@example.com>\r\n",
        "RCPT TO:<ann@example.com>\r\n",
        "DATA\r\n",
        mail,
    ];
    for line in talk {
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_line(&mut answer).await.unwrap();
        assert!(answer.starts_with('2') || answer.starts_with('3'), "{line}: {answer}");
    }

    let mail = inbox.wait_for("ANN@example.com", "Café").await;

    assert_eq!((mail.text.trim(), mail.attachments.len()), ("Hello", 1));
    assert_eq!(inbox.attachment(&mail, "t.pdf").await, "%PDF");
    assert!(inbox.source(&mail).await.contains("boundary=x"));
    assert!(inbox.mails_to("bob@example.com").await.is_empty());
}
