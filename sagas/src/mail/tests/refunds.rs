//! Mails about bookings that were cancelled and seats that were given back: where the money goes, and what the house keeps.

use ticketshow_domain::{
    SeatName,
    seat_return::{RefundWay, SeatReturn},
};

use super::{letters::contents, *};
use crate::mail::{
    blocks::{Parted, cancellation},
    contributions::Contributions,
};

fn due(method: PaymentMethod, amount_minor: i64, to: Option<RefundTarget>) -> RefundDue {
    RefundDue { payment: PAYMENT, method, amount: inr(amount_minor), to }
}

fn parted(by: CancelledBy, refund_due: Option<RefundDue>, others: &[RefundDue]) -> Parted<'_> {
    Parted { by, reason: None, refund_due, others }
}

/// The text of a mail about this refund.
fn letter(template: Template, language: Language, parted: Parted<'_>, charged_back: bool) -> String {
    let mut contents = Contents { language, ..contents(template) };
    contents.values.remove("refund");
    contents.values.extend(cancellation(parted, charged_back, "refund_kept", "refund_cash", language));
    Letter::new(&contents).unwrap().text
}

#[test]
fn a_mail_names_each_destination_of_a_refund_with_its_sum() {
    let others = [due(PaymentMethod::Wallet, 5_000, None)];
    let both = parted(CancelledBy::Customer, Some(due(PaymentMethod::Card, 30_000, None)), &others);
    for template in [Template::BookingCancelled, Template::SeatsReturned] {
        let english = letter(template, Language::En, both, false);
        assert!(english.contains("is ₹350.00: ₹300.00 to your card, ₹50.00 to your wallet."), "{english}");
        assert!(english.contains("when the refund to your card is complete"), "{english}");
        assert_eq!(english.matches("View your wallet").count(), 1, "{english}");
        let hindi = letter(template, Language::Hi, both, false);
        assert!(hindi.contains("₹350.00 वापस मिलेंगे: ₹300.00 आपके कार्ड पर, ₹50.00 आपके वॉलेट में।"), "{hindi}");
    }
    let by_bank = letter(Template::BookingCancelled, Language::En, both, true);
    assert!(by_bank.contains("₹300.00 from your bank, ₹50.00 to your wallet."), "{by_bank}");
    assert!(!by_bank.contains("refund to your card"), "{by_bank}");
}

#[test]
fn refunds_to_one_destination_are_one_sum() {
    let to = Some(RefundTarget::Wallet);
    let others = [due(PaymentMethod::Wallet, 5_000, to)];
    let both = parted(CancelledBy::House, Some(due(PaymentMethod::Card, 30_000, to)), &others);
    let text = letter(Template::BookingCancelled, Language::En, both, false);
    assert!(text.contains("We have refunded ₹350.00 to your wallet.") && !text.contains("₹300.00"), "{text}");
    // The payment that bought the booking has given everything back.
    let nothing = due(PaymentMethod::Card, 0, None);
    let others = [due(PaymentMethod::Wallet, 5_000, None)];
    let rest = letter(
        Template::BookingCancelled,
        Language::En,
        parted(CancelledBy::House, Some(nothing), &others),
        false,
    );
    assert!(rest.contains("We have refunded ₹50.00 to your wallet.") && !rest.contains("₹0.00"), "{rest}");
}

#[test]
fn a_mail_says_what_the_house_keeps_and_why() {
    let kept = |by, back_minor: Option<i64>, paid_minor, fees_minor| {
        let refund_due = back_minor.map(|back_minor| due(PaymentMethod::Card, back_minor, None));
        let parted = parted(by, refund_due, &[]);
        parted.kept(inr(paid_minor), fees_minor, Language::En).map(|(name, value)| format!("{name}: {value}"))
    };
    let (customer, house) = (CancelledBy::Customer, CancelledBy::House);
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(kept(customer, Some(25_000), 27_000, 0), said("Kept: ₹20.00 (cancellation fee)"));
    assert_eq!(kept(customer, Some(25_000), 26_000, 1_000), said("Kept: ₹10.00 (booking fee)"));
    let both = said("Kept: ₹20.00 (cancellation fee), ₹10.00 (booking fee)");
    assert_eq!(kept(customer, Some(25_000), 28_000, 1_000), both);
    assert_eq!(kept(customer, Some(27_000), 27_000, 1_000), None, "the house changed the screening");
    assert_eq!(kept(house, None, 27_000, 1_000), said("Kept: ₹270.00"));
    assert_eq!(kept(customer, None, 27_000, 1_000), said("Kept: ₹270.00"));
    assert_eq!(kept(house, Some(27_000), 27_000, 1_000), None);

    let others = [due(PaymentMethod::Wallet, 5_000, None)];
    let divided = parted(customer, Some(due(PaymentMethod::Card, 30_000, None)), &others);
    assert_eq!(
        divided.kept(inr(37_000), 0, Language::Hi),
        Some(("कटौती", "₹20.00 (रद्द करने का शुल्क)".to_owned()))
    );
}

#[test]
fn contributions_come_with_their_destination() {
    let returned = |seats: Vec<SeatName>, refund, due| {
        let (id, by, reason, fingerprint, counter) = (PAYMENT, CancelledBy::Customer, None, None, None);
        let returned = SeatReturn { id, seats, by, refund, reason, fingerprint, counter };
        let (booking, screening, customer) = (BOOKING, SCREENING, ADA);
        AnyEvent::Booking(booking::Event::SeatsReturned { booking, screening, customer, returned, due })
    };
    for (refund, to) in [(RefundWay::Original, None), (RefundWay::Wallet, Some(RefundTarget::Wallet))] {
        let (own, other) = (due(PaymentMethod::Wallet, 5_000, None), due(PaymentMethod::Card, 30_000, None));
        let mut contributions = Contributions::default();
        contributions.note(&returned(Vec::new(), refund, other));
        let about = react(&returned(vec![SeatName("A-1".to_owned())], refund, own)).unwrap();
        let Notice::Mail(_, MailKind::SeatsReturned { refund_due, others, .. }) = contributions.add_to(about)
        else {
            panic!("a mail about the seats")
        };
        assert_eq!(refund_due, Some(RefundDue { to, ..own }));
        assert_eq!(others, [RefundDue { to, ..other }]);
    }
}

#[test]
fn tickets_without_a_price_are_not_called_paid() {
    let letter = |flag, language| {
        let mut contents = Contents { language, ..contents(Template::BookingConfirmed) };
        contents.values.insert(flag, String::new());
        Letter::new(&contents).unwrap().text
    };
    let free = letter("is_free", Language::En);
    assert!(free.contains("here are your tickets, free of charge") && !free.contains("payment"), "{free}");
    assert!(letter("is_paid", Language::En).contains("Your payment is complete"));
    assert!(!letter("is_free", Language::Hi).contains("भुगतान"));
}
