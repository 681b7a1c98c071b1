//! Spans that ended and wait for their export. The queue is bounded, and no caller waits for room in it.

use std::{
    mem::take,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter, SpanProcessor},
};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Most spans that wait, some 4 MB; more are dropped.
const WAITING_MAX: usize = 4_096;
/// Most spans per request to the collector.
const BATCH_MAX: usize = 512;
/// Time that a span waits for others to travel with.
const LINGER: Duration = Duration::from_secs(1);

/// Returns the sending side of the queue, and the task that exports its spans until `stop`.
pub(crate) fn queue<E: SpanExporter>(exporter: E, stop: CancellationToken) -> (Entrance, Sender<E>) {
    let (entrance, waiting) = mpsc::channel(WAITING_MAX);
    let entrance = Entrance { waiting: entrance, has_been_full: AtomicBool::new(false) };
    (entrance, Sender { exporter, waiting, stop, is_stopping: false, is_away: false })
}

/// Takes spans as they end, on the thread that ends them.
#[derive(Debug)]
pub(crate) struct Entrance {
    waiting: mpsc::Sender<SpanData>,
    /// `true` once a span found no room. Logged once.
    has_been_full: AtomicBool,
}

impl SpanProcessor for Entrance {
    fn on_start(&self, _span: &mut opentelemetry_sdk::trace::Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        let Err(refused) = self.waiting.try_send(span) else { return };
        dropped("queue", 1);
        let is_full = matches!(refused, TrySendError::Full(_));
        if is_full && !self.has_been_full.swap(true, Ordering::Relaxed) {
            tracing::warn!("more spans end than the collector takes; some are dropped");
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Sends the spans of the queue to the collector.
#[derive(Debug)]
pub(crate) struct Sender<E> {
    exporter: E,
    waiting: mpsc::Receiver<SpanData>,
    stop: CancellationToken,
    is_stopping: bool,
    /// `true` while the collector takes nothing.
    is_away: bool,
}

impl<E: SpanExporter> Sender<E> {
    /// Sends spans until `stop`, then those that still wait.
    pub async fn run(mut self) {
        loop {
            let batch = self.next_batch().await;
            if batch.is_empty() {
                return;
            }
            self.send(batch).await;
        }
    }

    /// Returns the next spans to send, and none once all were sent after `stop`.
    async fn next_batch(&mut self) -> Vec<SpanData> {
        let mut batch = Vec::new();
        let mut due = None;
        while batch.len() < BATCH_MAX {
            let room = BATCH_MAX - batch.len();
            tokio::select! {
                () = self.stop.cancelled(), if !self.is_stopping => {
                    self.is_stopping = true;
                    self.waiting.close();
                }
                received = self.waiting.recv_many(&mut batch, room) => {
                    if received == 0 {
                        break;
                    }
                    due.get_or_insert_with(|| Instant::now() + LINGER);
                }
                () = until(due) => break,
            }
        }
        batch
    }

    async fn send(&mut self, batch: Vec<SpanData>) {
        let count = batch.len();
        match self.exporter.export(batch).await {
            Ok(()) => {
                if take(&mut self.is_away) {
                    tracing::info!("the collector takes spans again");
                }
            }
            Err(error) => {
                dropped("collector", count);
                if !self.is_away {
                    self.is_away = true;
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the collector takes no spans; they are dropped until it does");
                }
            }
        }
    }
}

/// Waits until then, for good if there is no such moment.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn dropped(by: &'static str, count: usize) {
    metrics::counter!("ticketshow_spans_dropped", "by" => by).increment(count as u64);
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use metrics_exporter_prometheus::PrometheusBuilder;
    use opentelemetry::trace::{Tracer, TracerProvider};
    use opentelemetry_sdk::{error::OTelSdkError, trace::SdkTracerProvider};

    use super::*;

    /// A collector that keeps the sizes of the batches it was sent.
    #[derive(Debug, Clone)]
    struct Collector {
        batches: Arc<Mutex<Vec<usize>>>,
        takes: bool,
    }

    impl Collector {
        fn new(takes: bool) -> Self {
            Self { batches: Arc::default(), takes }
        }

        fn batches(&self) -> Vec<usize> {
            self.batches.lock().unwrap().clone()
        }
    }

    impl SpanExporter for Collector {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.batches.lock().unwrap().push(batch.len());
            if self.takes { Ok(()) } else { Err(OTelSdkError::InternalFailure("away".to_owned())) }
        }
    }

    /// Ends this many spans, lets the sender run to its end, and returns the metrics.
    fn metrics_after(spans: usize, collector: Collector) -> String {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let stop = CancellationToken::new();
            let (entrance, sender) = queue(collector, stop.clone());
            let provider = SdkTracerProvider::builder().with_span_processor(entrance).build();
            let tracer = provider.tracer("test");
            for _ in 0..spans {
                drop(tracer.start("span"));
            }
            stop.cancel();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(sender.run());
        });
        recorder.handle().render()
    }

    #[test]
    fn what_waits_at_the_end_is_sent_in_batches() {
        let collector = Collector::new(true);
        let metrics = metrics_after(BATCH_MAX + 3, collector.clone());
        assert_eq!(collector.batches(), [BATCH_MAX, 3]);
        assert!(!metrics.contains("ticketshow_spans_dropped"), "{metrics}");
    }

    #[test]
    fn spans_without_room_are_dropped_and_counted() {
        let collector = Collector::new(true);
        let metrics = metrics_after(WAITING_MAX + 7, collector.clone());
        assert_eq!(collector.batches().iter().sum::<usize>(), WAITING_MAX);
        assert!(metrics.contains(r#"ticketshow_spans_dropped{by="queue"} 7"#), "{metrics}");
    }

    #[test]
    fn spans_that_the_collector_does_not_take_are_counted() {
        let metrics = metrics_after(5, Collector::new(false));
        assert!(metrics.contains(r#"ticketshow_spans_dropped{by="collector"} 5"#), "{metrics}");
    }
}
