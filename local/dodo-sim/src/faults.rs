//! What goes wrong, and how often: the knobs of the tests. Nothing goes wrong until somebody says so.

use rand::Rng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

/// Everything that can go wrong. `GET`, `PUT /admin/faults`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// What the draws begin with: the same seed and the same calls bring the same faults.
    pub seed: u64,
    /// With calls of the API. `on` is the beginning of method and path: `POST /refunds`.
    pub requests: Vec<Fault<RequestFault>>,
    /// With notices. `on` is the beginning of the type: `payment.`.
    pub webhooks: Vec<Fault<Mangling>>,
    /// With payments on the hosted page. `on` is the beginning of the session's id.
    pub payments: Vec<Fault<PaymentFault>>,
    /// With refunds. `on` is the beginning of the payment's id.
    pub refunds: Vec<Fault<RefundFault>>,
}

impl Default for Faults {
    fn default() -> Self {
        let (requests, webhooks) = (Vec::new(), Vec::new());
        Self { seed: 1, requests, webhooks, payments: Vec::new(), refunds: Vec::new() }
    }
}

/// One knob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault<W> {
    /// What happens.
    pub what: W,
    /// What it happens to; empty: to everything.
    #[serde(default)]
    pub on: String,
    /// How likely it is each time, 0 to 1. Default 1.
    #[serde(default = "certain")]
    pub chance: f64,
    /// How often it may still happen; none: for ever.
    #[serde(default)]
    pub left: Option<u32>,
}

fn certain() -> f64 {
    1.0
}

impl<W> Fault<W> {
    /// Happens every time.
    pub fn always(what: W) -> Self {
        Self { what, on: String::new(), chance: 1.0, left: None }
    }

    /// Happens the next `times` times.
    pub fn next(times: u32, what: W) -> Self {
        Self { left: Some(times), ..Self::always(what) }
    }

    /// Happens with this chance, 0 to 1.
    pub fn sometimes(chance: f64, what: W) -> Self {
        Self { chance, ..Self::always(what) }
    }

    /// Happens only to what begins so.
    #[must_use]
    pub fn on(self, beginning: &str) -> Self {
        Self { on: beginning.to_owned(), ..self }
    }
}

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestFault {
    /// The connection is reset before anything is done.
    DropBefore,
    /// The work is done, then the connection is reset: the caller cannot know.
    DropAfter,
    /// 500 before anything is done.
    ErrorBefore,
    /// The work is done, then 500.
    ErrorAfter,
    /// 429 with `retry-after` of so many seconds.
    TooManyRequests {
        /// Seconds.
        retry_after: u32,
    },
    /// The answer takes so much longer, by the world's clock. The work is done at its end.
    SlowBefore {
        /// Milliseconds.
        millis: u64,
    },
    /// The work is done at once, the answer takes so much longer.
    SlowAfter {
        /// Milliseconds.
        millis: u64,
    },
}

/// What goes wrong with a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mangling {
    /// A delivery is made twice, with the same id.
    Duplicate,
    /// The first delivery waits for so long, by the simulator's clock.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The first delivery waits for a random time up to this, so that notices overtake each other.
    Shuffle {
        /// Milliseconds.
        within_millis: u64,
    },
    /// It is never delivered.
    Lose,
    /// A delivery is signed with another secret.
    WrongSignature,
    /// A delivery is signed well, ten minutes ago.
    OldTimestamp,
    /// A delivery carries two signatures, the good one second: the secret was rotated.
    TwoSignatures,
    /// A notice of a type that nobody knows comes as well.
    UnknownType,
    /// A delivery has fields that nobody knows.
    ExtraFields,
}

/// What goes wrong with a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFault {
    /// So much more is taken than was asked for; negative: less.
    AmountOff {
        /// Minor units.
        minor: i64,
    },
    /// It is taken in another currency.
    Currency {
        /// ISO 4217.
        code: String,
    },
    /// The customer pays twice: another payment of the same session succeeds.
    Twice,
}

/// What goes wrong with a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFault {
    /// It is pending, then fails.
    Fail,
    /// It goes to review, and nobody is told.
    Review,
    /// It stays pending.
    StayPending,
    /// It succeeds, and then the customer's bank wants the money as well.
    DisputeAfter,
    /// It is refused: `INSUFFICIENT_WALLET_FUNDS`, the merchant's balance is too low.
    NoFunds,
}

/// What goes wrong this time with `subject`: each knob that fits and is drawn, used up by one.
pub fn draw<W: Clone>(knobs: &mut [Fault<W>], draws: &mut StdRng, subject: &str) -> Vec<W> {
    let mut drawn = Vec::new();
    for knob in knobs.iter_mut().filter(|knob| subject.starts_with(&knob.on)) {
        if knob.left != Some(0) && draws.random_bool(knob.chance.clamp(0.0, 1.0)) {
            knob.left = knob.left.map(|left| left - 1);
            drawn.push(knob.what.clone());
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_knob_is_used_up() {
        let mut knobs = [Fault::next(2, RefundFault::Fail)];
        let mut draws = StdRng::seed_from_u64(1);

        let drawn: Vec<usize> = (0..3).map(|_| draw(&mut knobs, &mut draws, "pay_1").len()).collect();

        assert_eq!(drawn, [1, 1, 0]);
    }

    #[test]
    fn a_knob_turns_only_what_it_is_for() {
        let mut knobs = [Fault::always(RequestFault::DropAfter).on("POST /refunds")];
        let mut draws = StdRng::seed_from_u64(1);

        assert_eq!(draw(&mut knobs, &mut draws, "POST /refunds"), [RequestFault::DropAfter]);
        assert_eq!(draw(&mut knobs, &mut draws, "GET /refunds"), []);
    }

    #[test]
    fn the_same_seed_brings_the_same_faults() {
        let drawn = |seed| {
            let mut knobs = [Fault::sometimes(0.5, PaymentFault::Twice)];
            let mut draws = StdRng::seed_from_u64(seed);
            (0..64).map(|_| draw(&mut knobs, &mut draws, "").len()).collect::<Vec<_>>()
        };

        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn faults_are_told_in_a_few_words() {
        let told = r#"{"requests": [{"what": "drop_after", "on": "POST /refunds", "left": 1}],
            "payments": [{"what": {"amount_off": {"minor": -1}}, "chance": 0.5}]}"#;

        let faults: Faults = serde_json::from_str(told).unwrap();

        assert_eq!(faults.requests, [Fault::next(1, RequestFault::DropAfter).on("POST /refunds")]);
        assert_eq!(faults.payments, [Fault::sometimes(0.5, PaymentFault::AmountOff { minor: -1 })]);
    }
}
