//! The span of a saga's reaction.

use std::{sync::OnceLock, time::SystemTime};

use crate::{
    enclosing,
    span::{Span, is_exporting},
};

/// The span of a saga's reaction to an event, in the trace of the command that caused the event. It lasts as long as this value, and is
/// exported only if the saga did something: most events need nothing from most sagas.
#[derive(Debug)]
pub struct ReactionSpan {
    saga: &'static str,
    cause: Option<String>,
    /// `None` if nothing is exported.
    began: Option<SystemTime>,
    span: OnceLock<Span>,
}

impl ReactionSpan {
    /// A reaction of `saga` that begins now. `cause` is the `traceparent` of the command that caused the event.
    #[must_use]
    pub fn new(saga: &'static str, cause: Option<String>) -> Self {
        let began = (cause.is_some() && is_exporting()).then(now);
        Self { saga, cause, began, span: OnceLock::new() }
    }

    /// `traceparent` of the saga's current work.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        self.span().traceparent().or_else(|| self.cause.clone())
    }

    /// Runs work whose calls to the payment provider belong to this reaction.
    pub async fn enclose<T>(&self, work: impl Future<Output = T>) -> T {
        match self.span().traceparent() {
            Some(traceparent) => enclosing::within(traceparent, work).await,
            None => work.await,
        }
    }

    fn span(&self) -> &Span {
        self.span.get_or_init(|| match self.began {
            Some(began) => Span::reaction(self.saga, began, self.cause.as_deref()),
            None => Span::none(),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock of spans, which the SDK reads for all others")]
fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_export_the_trace_of_the_caller_is_passed_on() {
        let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned();
        assert_eq!(ReactionSpan::new("payment", Some(caller.clone())).traceparent(), Some(caller.clone()));
        assert_eq!(ReactionSpan::new("payment", None).traceparent(), None);
        assert_eq!(Span::request("POST", "/bookings", Some(&caller)).traceparent(), None);
        assert_eq!(Span::command("booking", Some(&caller)).traceparent(), None);
    }
}
