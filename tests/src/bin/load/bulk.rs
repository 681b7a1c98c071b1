//! Commits written straight to the log, as docs/events.md describes them: a large installation in minutes.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ticketshow_tests::Nats;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufWriter},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};
use uuid::Uuid;

/// Messages that may wait for their acknowledgement.
const IN_FLIGHT: usize = 4_000;
/// Subject of the acknowledgements.
const ACKNOWLEDGED: &str = "load.acknowledged";

/// A connection that writes commits.
pub struct Bulk {
    output: BufWriter<OwnedWriteHalf>,
    sent: usize,
    events: usize,
    heard: watch::Receiver<Heard>,
    /// Pings that were answered.
    answered: usize,
    reader: JoinHandle<Result<()>>,
}

/// Output of nats-server so far.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    acknowledgements: usize,
    pings: usize,
}

/// The history of one aggregate so far.
pub struct History {
    aggregate: &'static str,
    pub id: Uuid,
    version: usize,
}

impl History {
    pub fn new(aggregate: &'static str, id: Uuid) -> Self {
        Self::after(0, aggregate, id)
    }

    /// One that has this many events already.
    pub fn after(events: usize, aggregate: &'static str, id: Uuid) -> Self {
        Self { aggregate, id, version: events + 1 }
    }
}

/// An event as written to the log.
pub fn event(name: &str, data: &Value) -> Value {
    json!({"version": 1, "type": name, "data": data})
}

impl Bulk {
    pub async fn connect(nats: &Nats) -> Result<Self> {
        let stream = TcpStream::connect(nats.url().trim_start_matches("nats://")).await?;
        let (input, output) = stream.into_split();
        let mut output = BufWriter::with_capacity(1 << 20, output);
        let hello = format!("CONNECT {{\"verbose\":false,\"headers\":true}}\r\nSUB {ACKNOWLEDGED} 1\r\n");
        output.write_all(hello.as_bytes()).await?;
        let (counter, heard) = watch::channel(Heard::default());
        let reader = tokio::spawn(read(input, counter));
        Ok(Self { output, sent: 0, events: 0, heard, answered: 0, reader })
    }

    /// Number of events written.
    pub fn events(&self) -> usize {
        self.events
    }

    /// Appends one commit. `time` is when it was decided.
    pub async fn commit(&mut self, history: &mut History, time: &str, events: &[Value]) -> Result<()> {
        let commit = json!({
            "commit": Uuid::from_u128(0xc0 << 120 | self.sent as u128), "aggregate": history.aggregate, "id": history.id,
            "first_version": history.version,
            "commands": [{"time": time, "actor": "system", "correlation": Uuid::nil(), "events": events.len()}],
            "events": events,
        });
        let payload = serde_json::to_vec(&commit)?;
        let types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
        let headers = format!("NATS/1.0\r\nTix-Events: {}\r\n\r\n", types.join(","));
        let (subject, length) = (format!("tix.{}.{}", history.aggregate, history.id), headers.len());
        let head = format!("HPUB {subject} {ACKNOWLEDGED} {length} {}\r\n{headers}", length + payload.len());
        self.output.write_all(head.as_bytes()).await?;
        self.output.write_all(&payload).await?;
        self.output.write_all(b"\r\n").await?;
        history.version += events.len();
        self.sent += 1;
        self.events += events.len();
        if self.sent.is_multiple_of(IN_FLIGHT / 4) {
            self.wait(self.sent.saturating_sub(IN_FLIGHT)).await?;
        }
        Ok(())
    }

    /// Waits until everything is stored.
    pub async fn finish(&mut self) -> Result<()> {
        self.wait(self.sent).await
    }

    async fn wait(&mut self, count: usize) -> Result<()> {
        while self.answered < self.heard.borrow().pings {
            self.output.write_all(b"PONG\r\n").await?;
            self.answered += 1;
        }
        self.output.flush().await?;
        if self.heard.wait_for(|heard| heard.acknowledgements >= count).await.is_err() {
            return (&mut self.reader).await?.and_then(|()| bail!("nats-server closed the connection"));
        }
        Ok(())
    }
}

/// Counts acknowledgements and pings.
async fn read(mut input: OwnedReadHalf, counter: watch::Sender<Heard>) -> Result<()> {
    let (mut buffer, mut filled) = (vec![0; 256 * 1024], 0);
    loop {
        let read = input.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        let text = std::str::from_utf8(&buffer[..filled]).context("nats-server speaks plain text")?;
        let Some(end) = text.rfind("\r\n") else { continue };
        let lines = &text[..end];
        if let Some(refused) =
            lines.lines().find(|line| line.contains("\"error\"") || line.starts_with("-ERR"))
        {
            bail!("nats-server refused a commit: {refused}");
        }
        let count = |start: &str| lines.lines().filter(|line| line.starts_with(start)).count();
        let (acknowledgements, pings) = (count("{\"stream\""), count("PING"));
        counter.send_modify(|heard| {
            heard.acknowledgements += acknowledgements;
            heard.pings += pings;
        });
        buffer.copy_within(end + 2..filled, 0);
        filled -= end + 2;
    }
}
