//! The one shape of every aggregate, and the thin skin that shows it to `cqrs-es`.

use std::fmt::Debug;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{AggregateId, Policy, WireEvent};

/// What a decision may know besides the aggregate and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The moment of the decision, to the millisecond, read once at the edge.
    pub now: Timestamp,
    /// The numbers of the house.
    pub policy: Policy,
}

/// An aggregate as a pure pair of functions over its history.
///
/// The state is cheap to clone (large parts are persistent collections), because every decision works on a copy that is
/// dropped when somebody else wrote first.
pub trait Decider: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The aggregate's name on the wire and in subjects. Frozen once shipped.
    const TYPE: &'static str;
    /// Raised whenever the serialised form of the state changes, so that snapshots of the old form are passed over.
    const STATE_FORMAT: u16;
    /// What tells one aggregate of this type from another.
    type Id: AggregateId;
    /// What can be asked of it.
    type Command: Debug + Send + Sync + 'static;
    /// What can have happened to it.
    type Event: WireEvent;
    /// What can stand in the way.
    type Refusal: std::error::Error + Clone + PartialEq + Send + Sync + 'static;

    /// Decides what `command` brings about. An empty list means it was already carried out.
    ///
    /// # Errors
    ///
    /// A refusal if a rule forbids it. The state is unchanged.
    fn decide(&self, command: &Self::Command, context: &Context) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Takes one event in. Total: it happened, so it cannot be refused here.
    fn evolve(&mut self, event: &Self::Event);
}

/// Shows a [`Decider`] of this module's `Event`, `Command` and `Refusal` to `cqrs-es`, and names its events on the wire.
macro_rules! aggregate {
    ($state:ident, $($variant:ident => $wire:literal),+ $(,)?) => {
        impl $crate::WireEvent for Event {
            fn wire_type(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $wire,)+
                }
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
