//! Mails as they are read.

use ticketshow_domain::SeatName;
use ticketshow_tickets::{LocalTime, PrintedTicket};

use super::*;
use crate::notification::{
    letter::{Contents, Letter},
    template::{Block, Template, Values, fill},
};

fn values(pairs: &[(&'static str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn ticket(seat: &str) -> PrintedTicket {
    PrintedTicket {
        show: "Rain & <Fog>".to_owned(),
        venue: "Rex".to_owned(),
        address: None,
        city: "Mumbai".to_owned(),
        screen: "One".to_owned(),
        seat: SeatName(seat.to_owned()),
        starts: LocalTime::new("2026-11-27T13:00:00Z".parse().unwrap(), &"Asia/Kolkata".parse().unwrap()),
        price: inr(25_000),
        booking: BOOKING,
        code: format!("CODE-OF-{seat}"),
    }
}

/// A mail in which everything that can be said is said.
fn contents(template: Template) -> Contents {
    let said = [
        ("name", "Ada \"<b>\" O’Neill"),
        ("origin", "http://localhost:8000"),
        ("show", "Rain & <Fog>"),
        ("day", "Friday, 27 November 2026"),
        ("booking", "the-booking"),
        ("cancel_until", "Friday, 27 November 2026, 16:30 (IST, Asia/Kolkata)"),
        ("amount", "₹250.00"),
        ("refund", "₹250.00"),
        ("reason", "Flood in the foyer"),
        ("link", "http://localhost:8000/reset?token=t&x"),
        ("expires", "10:30 UTC"),
    ];
    let tickets =
        if template == Template::BookingConfirmed { vec![ticket("A-1"), ticket("A-2")] } else { vec![] };
    Contents { template, values: values(&said), facts: vec![("Show", "Rain & <Fog>".to_owned())], tickets }
}

#[test]
fn every_mail_says_the_same_as_text_and_as_html_and_escapes_what_people_wrote() {
    for template in Template::ALL {
        let letter = Letter::new(&contents(template)).unwrap();
        assert!(!letter.subject.is_empty() && !letter.subject.contains('{'), "{}", letter.subject);
        for shown in [&letter.text, &letter.html] {
            assert!(!shown.contains("{{") && !shown.contains("}}"), "{shown}");
        }
        assert!(letter.text.contains("Hello Ada \"<b>\" O’Neill,"), "{}", letter.text);
        assert!(letter.html.contains("Hello Ada &quot;&lt;b&gt;&quot; O’Neill,"), "{}", letter.html);
        assert!(!letter.html.contains("<b>") && !letter.html.contains("<Fog>"), "{}", letter.html);
    }
}

#[test]
fn a_confirmation_shows_each_code_and_has_the_tickets_attached() {
    let letter = Letter::new(&contents(Template::BookingConfirmed)).unwrap();
    assert_eq!(letter.subject, "Your tickets: Rain & <Fog>, Friday, 27 November 2026");
    assert_eq!(letter.pictures.len(), 2);
    for picture in &letter.pictures {
        assert!(letter.html.contains(&format!("src=\"cid:{}\"", picture.id)), "{}", letter.html);
        assert!(picture.png.starts_with(b"\x89PNG"));
    }
    assert!(letter.text.contains("Seat A-2 (₹250.00)\nCODE-OF-A-2"), "{}", letter.text);
    assert!(letter.pdf.unwrap().starts_with(b"%PDF-"));
    let without = Letter::new(&contents(Template::RefundStarted)).unwrap();
    assert_eq!((without.pdf, without.pictures), (None, Vec::new()));
}

#[test]
fn what_a_mail_does_not_know_it_does_not_say() {
    let mut contents = contents(Template::BookingCancelled);
    contents.values.insert("by_house", String::new());
    contents.values.insert("refund_wallet", String::new());
    let text = Letter::new(&contents).unwrap().text;
    assert!(text.contains("the house had to cancel"), "{text}");
    assert!(text.contains("The house says: Flood in the foyer"), "{text}");
    assert!(text.contains("₹250.00, is going back to your wallet"), "{text}");
    assert!(text.contains("Show the wallet: http://localhost:8000/wallet"), "{text}");
    assert!(!text.contains("as you asked") && !text.contains("card"), "{text}");

    contents.values.remove("reason");
    let text = Letter::new(&contents).unwrap().text;
    assert!(!text.contains("The house says"), "{text}");
}

#[test]
fn a_link_leads_where_it_says() {
    let letter = Letter::new(&contents(Template::PasswordReset)).unwrap();
    assert!(letter.html.contains("href=\"http://localhost:8000/reset?token=t&amp;x\""), "{}", letter.html);
    assert!(
        letter.text.contains("Choose a password: http://localhost:8000/reset?token=t&x"),
        "{}",
        letter.text
    );
}

#[test]
fn what_stands_in_a_value_is_never_taken_for_a_name() {
    let values = values(&[("a", "{{b}}"), ("b", "secret")]);
    assert_eq!(fill("{{a}}!", &values).as_deref(), Some("{{b}}!"));
    assert_eq!(fill("{{c}}", &values), None);
}

#[test]
fn a_subject_is_one_line_whatever_a_title_holds() {
    let mut contents = contents(Template::BookingConfirmed);
    contents.values.insert("show", "Rain\r\nBcc: everybody@example.org".to_owned());
    assert!(!Letter::new(&contents).unwrap().subject.contains(['\r', '\n']));
}

#[test]
fn blocks_are_read_from_the_files() {
    let filled = Template::PasswordReset.fill(&contents(Template::PasswordReset).values);
    assert_eq!(filled.heading, "Choose a new password");
    let button = filled
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Button { text, .. } if text == "Choose a password"));
    assert!(button, "{:?}", filled.blocks);
}

#[test]
fn every_reason_of_a_failed_payment_has_words_of_its_own() {
    let source = Template::PaymentFailed.source();
    for reason in [
        "insufficient_funds",
        "declined",
        "timed_out",
        "seats_gone",
        "booking_closed",
        "paid_twice",
        "cancelled",
        "sent_back",
        "provider_unavailable",
    ] {
        assert!(source.contains(&format!("\n?{reason} ")), "{reason}");
    }
}
