//! Test cards and the outcome of a payment with each.

use serde::{Deserialize, Serialize};

/// A card that is accepted.
pub const SUCCESS_CARD: &str = "4242424242424242";
/// A card that is declined.
pub const DECLINED_CARD: &str = "4000000000000002";

/// The provider's test cards with the outcome of each.
pub const TEST_CARDS: [(&str, &str); 4] = [
    (SUCCESS_CARD, "pays (Visa)"),
    ("6074825972083818", "pays (RuPay, India)"),
    (DECLINED_CARD, "is declined"),
    ("4000000000000127", "is declined (India)"),
];

/// A card number, digits only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card(String);

/// Reason for a declined payment: its `error_code` and `error_message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The provider's code.
    pub code: String,
    /// Text for people.
    pub message: String,
}

impl Card {
    /// Parses a card number; `None` if it is invalid.
    pub fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let fits = (12..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then_some(Self(digits))
    }

    /// Returns the last four digits, the only ones in the API.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }

    /// Returns the network, from the first digit.
    pub fn network(&self) -> &'static str {
        match self.0.as_bytes().first() {
            Some(b'4') => "VISA",
            Some(b'5') => "MASTERCARD",
            Some(b'6') => "RUPAY",
            Some(_) | None => "UNKNOWN",
        }
    }

    /// Returns the reason for declining the card, or `None` if it is accepted. Any card other than a test card is declined.
    pub fn decline(&self) -> Option<Decline> {
        let (code, message) = match self.0.as_str() {
            SUCCESS_CARD | "6074825972083818" => return None,
            DECLINED_CARD | "4000000000000127" => ("CARD_DECLINED", "The card was declined."),
            _ => ("GENERIC_DECLINE", "Only test cards are accepted here."),
        };
        Some(Decline { code: code.to_owned(), message: message.to_owned() })
    }
}

impl Decline {
    /// Returns the reason for a payment that the customer cancelled.
    pub fn cancelled() -> Self {
        Self {
            code: "CUSTOMER_CANCELLED".to_owned(),
            message: "The customer cancelled the payment.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_test_cards_pay() {
        let code = |typed: &str| Card::parse(typed).unwrap().decline().map(|decline| decline.code);

        assert_eq!(code("4242 4242 4242 4242"), None);
        assert_eq!(code("4000-0000-0000-0002").as_deref(), Some("CARD_DECLINED"));
        assert_eq!(code("5555555555554444").as_deref(), Some("GENERIC_DECLINE"));
        assert_eq!(Card::parse("my card"), None);
    }
}
