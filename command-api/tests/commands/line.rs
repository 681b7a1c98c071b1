//! A connection to nats-server that can lose answers.

use std::sync::{Arc, Mutex};

use ticketshow_tests::Nats;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A forwarder between an app and nats-server.
pub struct Line {
    port: u16,
    trigger: Arc<Mutex<Option<String>>>,
    silent: watch::Sender<bool>,
}

impl Line {
    /// Forwards everything to this server.
    pub async fn to(nats: &Nats) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, server_port) = (listener.local_addr().unwrap().port(), nats.place().port);
        let trigger: Arc<Mutex<Option<String>>> = Arc::default();
        let silent = watch::Sender::new(false);
        let (wanted, muted) = (Arc::clone(&trigger), silent.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server_port)).await.unwrap();
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let (trigger, mute, mut heard) = (Arc::clone(&wanted), muted.clone(), muted.subscribe());
                tokio::spawn(async move {
                    let mut buffer = vec![0; 1 << 20];
                    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
                        let text = String::from_utf8_lossy(&buffer[..read]);
                        let is_wanted = |wanted: &mut String| text.contains(wanted.as_str());
                        if trigger.lock().unwrap().take_if(is_wanted).is_some() {
                            mute.send_replace(true);
                        }
                        if to_server.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                    }
                });
                tokio::spawn(async move {
                    let mut buffer = vec![0; 1 << 20];
                    while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
                        if heard.wait_for(|silent| !silent).await.is_err()
                            || to_client.write_all(&buffer[..read]).await.is_err()
                        {
                            break;
                        }
                    }
                });
            }
        });
        Self { port, trigger, silent }
    }

    /// Address for the app.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Holds back all answers from the moment the app sends this text.
    pub fn silent_after(&self, text: &str) {
        *self.trigger.lock().unwrap() = Some(text.to_owned());
    }

    /// Lets answers through again.
    pub fn restore(&self) {
        self.silent.send_replace(false);
    }
}
