//! The trait of every aggregate, and the adapter that makes it an aggregate of `cqrs-es`.

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{AggregateId, Policy, WireEvent};

/// Facts available to a decision besides the aggregate and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Time of the decision, to the millisecond, read once where the request arrives.
    pub now: Timestamp,
    /// Limits and time windows of the operator.
    pub policy: Policy,
}

/// A state as the bytes of a snapshot. `aggregate!` implements it in the module of each aggregate, so that no other crate compiles the
/// code that reads and writes states.
pub trait Snapshot: Sized {
    /// Writes the state in postcard.
    ///
    /// # Errors
    ///
    /// None is known.
    fn to_bytes(&self) -> postcard::Result<Vec<u8>>;

    /// Reads a state of the same [`Decider::STATE_FORMAT`].
    ///
    /// # Errors
    ///
    /// The bytes are not such a state.
    fn of_bytes(bytes: &[u8]) -> postcard::Result<Self>;
}

/// An aggregate as a pure pair of functions over its history.
///
/// The state is cheap to clone (large parts are persistent collections), because every decision works on a copy, which
/// is dropped if another writer was first.
pub trait Decider: Clone + Default + Serialize + DeserializeOwned + Snapshot + Send + Sync + 'static {
    /// Name of the aggregate on the wire and in subjects. Frozen once shipped.
    const TYPE: &'static str;
    /// Version of the serialised state: raise it with every change of that form, and snapshots of the old form are ignored.
    const STATE_FORMAT: u16;
    /// Id of an aggregate of this type.
    type Id: AggregateId;
    /// Requests to this aggregate.
    type Command: Debug + Send + Sync + 'static;
    /// Facts of this aggregate.
    type Event: WireEvent;
    /// Rules that can forbid a command.
    type Refusal: std::error::Error + Clone + PartialEq + Send + Sync + 'static;

    /// Decides which events `command` causes. An empty list means it was already carried out.
    ///
    /// # Errors
    ///
    /// A refusal if a rule forbids it. The state is unchanged.
    fn decide(&self, command: &Self::Command, context: &Context) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Applies one event. Total: the event has happened, so it is never refused here.
    fn evolve(&mut self, event: &Self::Event);

    /// Drops what decisions long after `at` do not need, so that the state does not grow with its history. Called with the
    /// time of each commit.
    fn forget(&mut self, at: Timestamp) {
        let _ = at;
    }
}

/// Implements the `cqrs-es` traits for the [`Decider`] of a module, and names its events on the wire. `with` has the functions of
/// [`crate::WireEvent`] for events of several versions.
macro_rules! aggregate {
    ($state:ident $(with ($current_version:path, $upcast:path))?, $($variant:ident => $wire:literal),+ $(,)?) => {
        impl $crate::WireEvent for Event {
            const TYPES: &'static [&'static str] = &[$($wire),+];

            fn wire_type(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $wire,)+
                }
            }

            fn of_tagged(tagged: $crate::wire::Tagged<'_>) -> serde_json::Result<Self> {
                serde::Deserialize::deserialize(tagged)
            }

            fn to_tagged(&self) -> serde_json::Result<String> {
                serde_json::to_string(self)
            }

            $(
                fn current_version(event_type: &str) -> u16 {
                    $current_version(event_type)
                }

                fn upcast(
                    event_type: &str,
                    version: u16,
                    data: serde_json::Value,
                ) -> Result<serde_json::Value, $crate::WireError> {
                    $upcast(event_type, version, data)
                }
            )?
        }

        impl $crate::aggregate::Snapshot for $state {
            fn to_bytes(&self) -> postcard::Result<Vec<u8>> {
                postcard::to_stdvec(self)
            }

            fn of_bytes(bytes: &[u8]) -> postcard::Result<Self> {
                postcard::from_bytes(bytes)
            }
        }

        impl cqrs_es::DomainEvent for Event {
            fn event_type(&self) -> String {
                $crate::WireEvent::wire_type(self).to_owned()
            }

            fn event_version(&self) -> String {
                <Self as $crate::WireEvent>::current_version($crate::WireEvent::wire_type(self)).to_string()
            }
        }

        impl cqrs_es::Aggregate for $state {
            const TYPE: &'static str = <Self as $crate::Decider>::TYPE;
            type Command = Command;
            type Event = Event;
            type Error = Refusal;
            type Services = $crate::Context;

            async fn handle(
                &mut self,
                command: Self::Command,
                context: &Self::Services,
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), Self::Error> {
                for event in $crate::Decider::decide(self, &command, context)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Self::Event) {
                $crate::Decider::evolve(self, &event);
            }
        }
    };
}
pub(crate) use aggregate;
