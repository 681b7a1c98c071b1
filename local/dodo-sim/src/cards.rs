//! The test cards, and what becomes of a payment with each.

use serde::{Deserialize, Serialize};

/// The card that pays.
pub const SUCCESS_CARD: &str = "4242424242424242";
/// The card that is declined.
pub const DECLINED_CARD: &str = "4000000000000002";

/// The test cards that the provider lists, with what each does.
pub const TEST_CARDS: [(&str, &str); 4] = [
    (SUCCESS_CARD, "pays (Visa)"),
    ("6074825972083818", "pays (RuPay, India)"),
    (DECLINED_CARD, "is declined"),
    ("4000000000000127", "is declined (India)"),
];

/// A card as it was typed: digits only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card(String);

/// Why the bank says no: what the payment carries as `error_code` and `error_message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The provider's code.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Card {
    /// The digits of what was typed, if it can be a card number.
    pub fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let fits = (12..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then_some(Self(digits))
    }

    /// The last four digits: all of the number that anybody is told.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }

    /// Whose card it is, by its first digits.
    pub fn network(&self) -> &'static str {
        match self.0.as_bytes().first() {
            Some(b'4') => "VISA",
            Some(b'5') => "MASTERCARD",
            Some(b'6') => "RUPAY",
            Some(_) | None => "UNKNOWN",
        }
    }

    /// What the bank says: nothing, or why not. A card that is no test card is declined.
    pub fn decline(&self) -> Option<Decline> {
        let (code, message) = match self.0.as_str() {
            SUCCESS_CARD | "6074825972083818" => return None,
            DECLINED_CARD | "4000000000000127" => ("CARD_DECLINED", "The card was declined."),
            _ => ("GENERIC_DECLINE", "This is no test card, and no other card is taken here."),
        };
        Some(Decline { code: code.to_owned(), message: message.to_owned() })
    }
}

impl Decline {
    /// The customer went back.
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
