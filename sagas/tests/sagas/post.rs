//! A mail server of a test: takes what it is given, and can misbehave.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ticketshow_tests::{Port, eventually};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Reaction to a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// Has the mail, but the answer never comes.
    TakesAndHangs,
    /// Knows no such address.
    Refuses,
    /// Has the mail, and answers once it behaves otherwise.
    TakesAndWaits,
    /// Says "later" to every address that starts with this, and takes the rest.
    Defers(&'static str),
}

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Taken {
    pub to: String,
    pub source: String,
}

impl Taken {
    pub fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        self.source.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default()
    }
}

pub struct Post {
    port: Port,
    manner: Arc<Mutex<Manner>>,
    taken: Arc<Mutex<Vec<Taken>>>,
    serving: Option<JoinHandle<()>>,
}

impl Post {
    /// One that is not there yet.
    pub fn closed() -> Self {
        let manner = Arc::new(Mutex::new(Manner::Takes));
        Self { port: Port::free(), manner, taken: Arc::default(), serving: None }
    }

    pub async fn open() -> Self {
        let mut post = Self::closed();
        post.reopen().await;
        post
    }

    pub async fn reopen(&mut self) {
        let address = self.address();
        let listener = TcpListener::bind(address).await.unwrap();
        let (manner, taken) = (Arc::clone(&self.manner), Arc::clone(&self.taken));
        self.serving = Some(tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (manner, taken) = (Arc::clone(&manner), Arc::clone(&taken));
                // A client that disconnects midway is not an error.
                tokio::spawn(async move { talk(stream, &manner, &taken).await.ok() });
            }
        }));
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address())
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it has so many.
    pub async fn has(&self, count: usize) -> Vec<Taken> {
        eventually(&format!("{count} mails"), async || {
            let taken = self.taken();
            (taken.len() >= count).then_some(taken)
        })
        .await
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// RFC 5321, as far as one client needs it.
async fn talk(stream: TcpStream, manner: &Mutex<Manner>, taken: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 post\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let current = || *manner.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-post\r\n250 8BITMIME\r\n",
            "RCPT" if current() == Manner::Refuses => "550 5.1.1 no such mailbox\r\n",
            "RCPT" if matches!(current(), Manner::Defers(to) if line.contains(&format!("<{to}"))) => {
                "450 4.2.0 greylisted\r\n"
            }
            "RCPT" => {
                to = line.trim_start_matches("RCPT TO:<").split('>').next().unwrap_or_default().to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut source = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    source.push_str(&line);
                    source.push('\n');
                }
                let mail = Taken { to: to.clone(), source };
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                if current() == Manner::TakesAndHangs {
                    tokio::time::sleep(Duration::from_hours(1)).await;
                }
                while current() == Manner::TakesAndWaits {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                "250 taken\r\n"
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
