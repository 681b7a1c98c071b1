//! Mails as the customer reads them.

use ticketshow_domain::{
    Language, ScreenId, ScreeningId, SeatName,
    pricing::{Fee, FeePer, TicketType},
    rescheduling::{Placement, Rescheduling},
};
use ticketshow_tickets::{LocalTime, PrintedTicket};

use super::*;
use crate::mail::{
    blocks::{changes, failure, leaving, named},
    booking_context::Costs,
    letter::{Contents, Letter},
    sales_of_day::{Slow, Sold, written},
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
        level: None,
        starts: LocalTime::new("2026-11-27T13:00:00Z".parse().unwrap(), &"Asia/Kolkata".parse().unwrap()),
        price: inr(25_000),
        ticket_type: TicketType::default(),
        booking: BOOKING,
        code: format!("CODE-OF-{seat}"),
        language: Language::En,
    }
}

/// A mail with every value.
pub(super) fn contents(template: Template) -> Contents {
    let said = [
        ("time", "18:30"),
        ("day_named", "Today"),
        ("day_said", "today"),
        ("place", "Rex"),
        ("map", "https://maps.example/?q=Rex"),
        ("reminders_off", "http://localhost:8000/reminders#token=t&y"),
        ("name", "Ada \"<b>\" O’Neill"),
        ("origin", "http://localhost:8000"),
        ("show", "Rain & <Fog>"),
        ("day", "Friday, 27 November 2026"),
        ("booking", "the-booking"),
        ("reference", "K7QM-3XRP"),
        ("cancel_until", "Friday, 27 November 2026, 16:30 (IST, Asia/Kolkata)"),
        ("amount", "₹250.00"),
        ("refund", "₹250.00"),
        ("reason", "Flood in the foyer"),
        ("seats", "seat A-1"),
        ("subject", "Doors"),
        ("text", "Doors at 7."),
        ("link", "http://localhost:8000/reset#token=t&x"),
        ("valid_for", "10 minutes"),
        ("code", "012345"),
        ("account", "the-account"),
        ("left", "₹30.00"),
        ("held_until", "Friday, 27 November 2026, 16:30 (IST, Asia/Kolkata)"),
        ("free_until", "Friday, 27 November 2026, 18:30 (IST, Asia/Kolkata)"),
        ("sold", "₹3,000.00"),
        ("slow", ""),
    ];
    let has_tickets =
        matches!(template, Template::BookingConfirmed | Template::BookingMoved | Template::ScreeningChanged);
    let tickets = if has_tickets { vec![ticket("A-1"), ticket("A-2")] } else { vec![] };
    let facts = vec![("Show", "Rain & <Fog>".to_owned())];
    Contents { values: values(&said), facts, tickets, ..Contents::new(template, Language::En) }
}

#[test]
fn every_mail_has_a_text_and_an_html_part_and_escapes_user_input() {
    for template in Template::ALL {
        let letter = Letter::new(&contents(template)).unwrap();
        assert!(!letter.subject.is_empty() && !letter.subject.contains('{'), "{}", letter.subject);
        for shown in [&letter.text, &letter.html] {
            assert!(!shown.contains("{{") && !shown.contains("}}"), "{shown}");
        }
        let text_names = letter.text.contains("Hello Ada \"<b>\" O’Neill,");
        let html_names = letter.html.contains("Hello Ada &quot;&lt;b&gt;&quot; O’Neill,");
        let unverified = [Template::AddressVerification, Template::SignInCode, Template::AccountErased]
            .contains(&template);
        assert_eq!((text_names, html_names), (!unverified, !unverified), "{}", letter.text);
        assert!(!letter.html.contains("<b>") && !letter.html.contains("<Fog>"), "{}", letter.html);
        assert!(letter.subject.matches("K7QM-3XRP").count() <= 1, "{}", letter.subject);
    }
}

#[test]
fn a_confirmation_shows_each_code_and_has_the_tickets_attached() {
    let letter = Letter::new(&contents(Template::BookingConfirmed)).unwrap();
    assert_eq!(letter.subject, "Your tickets: Rain & <Fog>, Friday, 27 November 2026 (K7QM-3XRP)");
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
fn a_reminder_can_be_turned_off_by_a_link_that_stands_back() {
    let letter = Letter::new(&contents(Template::Reminder)).unwrap();
    let (_, end) = letter.text.rsplit_once("Turn off reminders: ").expect(&letter.text);
    assert!(end.starts_with("http://localhost:8000/reminders#token=t&y\n"), "{end}");
    let link = "<a href=\"http://localhost:8000/reminders#token=t&amp;y\" style=\"color:#68647a\">Turn off reminders</a>";
    assert!(letter.html.contains(link), "{}", letter.html);
    let mut hindi = contents(Template::Reminder);
    hindi.language = Language::Hi;
    assert!(
        Letter::new(&hindi)
            .unwrap()
            .text
            .contains("याद दिलाने वाले मेल बंद करें: http://localhost:8000/reminders#token=t&y")
    );
}

#[test]
fn the_mail_of_a_move_has_the_new_tickets_and_names_the_old_seats() {
    let mut contents = contents(Template::BookingMoved);
    contents.values.insert("before", "Thursday, 26 November 2026, 18:30 (IST, Asia/Kolkata)".to_owned());
    contents.values.insert("refund_wallet", String::new());
    let letter = Letter::new(&contents).unwrap();
    assert_eq!(letter.pictures.len(), 2);
    assert!(letter.text.contains("Before, you had seat A-1"), "{}", letter.text);
    assert!(letter.text.contains("the screening was on Thursday, 26 November 2026"), "{}", letter.text);
    assert!(letter.text.contains("We returned ₹250.00 to your wallet"), "{}", letter.text);
    assert!(!letter.text.contains("more was paid"), "{}", letter.text);
    assert!(letter.pdf.unwrap().starts_with(b"%PDF-"));
}

#[test]
fn the_mail_of_a_change_says_what_was_and_what_is_and_until_when_it_can_be_cancelled() {
    let place = |screen: u128, name: &str, starts: &str| Placement {
        screen: ScreenId(uuid::Uuid::from_u128(screen)),
        screen_name: name.to_owned(),
        starts_at: starts.parse().unwrap(),
    };
    let (before, after) = (place(1, "One", "2026-11-27T13:00:00Z"), place(2, "Two", "2026-11-27T13:30:00Z"));
    let free_until = "2026-11-27T13:30:00Z".parse().unwrap();
    let letter = |before: &Placement, now: &str| {
        let rescheduling = Rescheduling {
            change: uuid::Uuid::nil(),
            screening: ScreeningId(uuid::Uuid::nil()),
            before: before.clone(),
            after: after.clone(),
            cancel_until: free_until,
            free_until,
            paid: true,
        };
        let mut contents = contents(Template::ScreeningChanged);
        contents.values.remove("free_until");
        let zone = "Asia/Kolkata".parse().unwrap();
        contents.values.extend(changes(&rescheduling, &zone, Language::En, now.parse().unwrap()));
        contents.values.insert("online", String::new());
        Letter::new(&contents).unwrap()
    };
    let both = letter(&before, "2026-11-27T10:00:00Z");
    assert_eq!(both.subject, "Changed: Rain & <Fog>, Friday, 27 November 2026 (K7QM-3XRP)");
    let time = "Before: Friday, 27 November 2026, 18:30 (IST, Asia/Kolkata). \
                Now: Friday, 27 November 2026, 19:00 (IST, Asia/Kolkata).";
    for said in
        [time, "Before: One. Now: Two.", "cancel free of charge until Friday, 27 November 2026, 19:00"]
    {
        assert!(both.text.contains(said), "{}", both.text);
    }
    assert!(!both.text.contains("box office") && both.pdf.is_some());

    let later = Placement { starts_at: before.starts_at, ..after.clone() };
    let late = letter(&later, "2026-11-27T13:30:00Z");
    assert!(!late.text.contains("another screen") && !late.text.contains("free of charge"), "{}", late.text);
}

#[test]
fn the_mail_about_sales_compares_the_day_and_names_what_hardly_sells() {
    let sold = |title: &str, seats, seats_before| Sold {
        title: Some(title.to_owned()),
        currency: inr(0).currency,
        seats,
        seats_before,
        sold_minor: 25_000 * seats,
        sold_minor_before: 25_000 * seats_before,
        refunded_minor: 0,
    };
    let slow = Slow {
        show_title: "Fog".to_owned(),
        venue_name: "Rex".to_owned(),
        screen_name: "One".to_owned(),
        timezone: "Asia/Kolkata".to_owned(),
        starts_at: "2026-11-30T13:00:00Z".parse().unwrap(),
        capacity: 100,
        available_seats: 91,
    };
    let day = jiff::civil::date(2026, 11, 29);
    let letter = |language, sold: &[Sold], slow: &[Slow]| {
        let mut contents = written(language, day, sold, slow);
        contents.values.extend(values(&[("name", "Ada"), ("origin", "http://localhost:8000")]));
        Letter::new(&contents).unwrap()
    };
    let shows = [sold("Rain & <Fog>", 12, 8), sold("Monsoon", 0, 3)];
    let mail = letter(Language::En, &shows, std::slice::from_ref(&slow));
    assert_eq!(mail.subject, "Sales of Sunday, 29 November 2026: 12 seats, ₹3,000.00");
    for shown in [
        "12 (a week before: 11)",
        "Rain & <Fog>: 12 seats, ₹3,000.00 (a week before: 8 seats, ₹2,000.00)",
        "Monsoon: 0 seats, ₹0.00 (a week before: 3 seats, ₹750.00)",
        "Fog, Monday, 30 November 2026, 18:30 (Rex, One): 91 of 100 seats are free",
    ] {
        assert!(mail.text.contains(shown), "{shown}: {}", mail.text);
    }
    assert!(mail.html.contains("Rain &amp; &lt;Fog&gt;") && !mail.text.contains("Refunded"), "{}", mail.html);
    let hindi = letter(Language::Hi, &shows, &[slow]);
    assert!(hindi.text.contains("100 में से 91 सीटें ख़ाली हैं"), "{}", hindi.text);

    let one = [sold("Monsoon", 1, 1)];
    let mail = letter(Language::En, &one, &[]);
    assert_eq!(mail.subject, "Sales of Sunday, 29 November 2026: 1 seat, ₹250.00");
    for shown in ["1 seat was sold for ₹250.00", "Monsoon: 1 seat, ₹250.00 (a week before: 1 seat, ₹250.00)"]
    {
        assert!(mail.text.contains(shown), "{shown}: {}", mail.text);
    }
    assert!(!mail.text.contains("1 seats"), "{}", mail.text);
    let hindi = letter(Language::Hi, &one, &[]);
    assert!(hindi.text.contains("1 सीट ₹250.00 में बिकी।"), "{}", hindi.text);
    assert!(hindi.subject.contains("1 सीट,") && !hindi.text.contains("1 सीटें"), "{}", hindi.text);

    let back = Sold { refunded_minor: 25_000, ..sold("Monsoon", 0, 0) };
    let mail = letter(Language::En, &[back], &[]);
    assert!(
        mail.text.contains("Nothing was sold on this day") && mail.text.contains("₹250.00"),
        "{}",
        mail.text
    );
    assert!(!mail.text.contains("By show") && !mail.text.contains("less than a tenth"), "{}", mail.text);

    let many: Vec<Sold> = (0..25).map(|n| sold(&format!("Show {n}"), 1, 0)).collect();
    let mail = letter(Language::En, &many, &[]);
    assert!(mail.text.contains("Show 19:") && !mail.text.contains("Show 20:"), "{}", mail.text);
    assert!(mail.text.contains("Other shows: 5 seats, ₹1,250.00"), "{}", mail.text);
}

#[test]
fn pictures_of_different_mails_have_different_content_ids() {
    let ids = |seats: [&str; 2]| -> Vec<String> {
        let tickets = seats.map(ticket).to_vec();
        let letter = Letter::new(&Contents { tickets, ..contents(Template::BookingConfirmed) }).unwrap();
        letter.pictures.into_iter().map(|picture| picture.id).collect()
    };
    let (first, second) = (ids(["A-1", "A-2"]), ids(["B-7", "B-8"]));
    assert!(first[0] != first[1] && first.iter().all(|id| !second.contains(id)), "{first:?} {second:?}");
    assert_eq!(first, ids(["A-1", "A-2"]), "a mail that is sent again is the same");
}

#[test]
fn blocks_without_a_value_are_left_out() {
    let mut contents = contents(Template::BookingCancelled);
    contents.values.insert("by_house", String::new());
    contents.values.insert("refund_wallet", String::new());
    let text = Letter::new(&contents).unwrap().text;
    assert!(text.contains("we had to cancel your booking"), "{text}");
    assert!(text.contains("Reason: Flood in the foyer"), "{text}");
    assert!(text.contains("refunded ₹250.00 to your wallet"), "{text}");
    assert!(text.contains("View your wallet: http://localhost:8000/wallet"), "{text}");
    assert!(!text.contains("as you requested") && !text.contains("card"), "{text}");

    contents.values.remove("reason");
    let text = Letter::new(&contents).unwrap().text;
    assert!(!text.contains("Reason:"), "{text}");
}

#[test]
fn a_link_has_the_address_of_its_button() {
    let letter = Letter::new(&contents(Template::PasswordReset)).unwrap();
    assert!(letter.html.contains("href=\"http://localhost:8000/reset#token=t&amp;x\""), "{}", letter.html);
    assert!(
        letter.text.contains("Choose a new password: http://localhost:8000/reset#token=t&x"),
        "{}",
        letter.text
    );
}

#[test]
fn a_placeholder_inside_a_value_is_not_expanded() {
    let values = values(&[("a", "{{b}}"), ("b", "secret")]);
    assert_eq!(fill("{{a}}!", &values).as_deref(), Some("{{b}}!"));
    assert_eq!(fill("{{c}}", &values), None);
}

#[test]
fn a_subject_is_one_line_even_if_a_title_has_line_breaks() {
    let mut contents = contents(Template::BookingConfirmed);
    contents.values.insert("show", "Rain\r\nBcc: everybody@example.org".to_owned());
    assert!(!Letter::new(&contents).unwrap().subject.contains(['\r', '\n']));
}

#[test]
fn blocks_are_read_from_the_templates() {
    let filled = Template::PasswordReset.fill(Language::En, &contents(Template::PasswordReset).values);
    assert_eq!(filled.heading, "Choose a new password");
    let button = filled
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Button { text, .. } if text == "Choose a new password"));
    assert!(button, "{:?}", filled.blocks);
}

#[test]
fn a_failed_payment_promises_no_money_back_that_was_never_taken() {
    let text = |reason, taken| {
        let mut contents = contents(Template::PaymentFailed);
        contents.values.extend(failure(reason, PaymentMethod::Card, taken).map(|flag| (flag, String::new())));
        Letter::new(&contents).unwrap().text
    };
    for reason in [
        FailureReason::SeatsGone,
        FailureReason::BookingClosed,
        FailureReason::PaidTwice,
        FailureReason::Cancelled,
    ] {
        let before = text(reason, None);
        assert!(before.contains("you have not been charged"), "{before}");
        assert!(!before.contains("refund") && !before.contains("arrived"), "{before}");
        let after = text(reason, Some(inr(25_000)));
        assert!(after.contains("The full amount, ₹250.00, will be refunded to the card"), "{after}");
        assert!(!after.contains("not been charged"), "{after}");
    }
}

#[test]
fn every_reason_of_a_failed_payment_has_its_own_paragraph() {
    let source = Template::PaymentFailed.source(Language::En);
    for reason in [
        "insufficient_funds",
        "declined",
        "timed_out",
        "seats_gone",
        "seats_gone_before",
        "booking_closed",
        "booking_closed_before",
        "paid_twice",
        "paid_before",
        "cancelled",
        "cancelled_before",
        "sent_back",
        "provider_unavailable",
        "abandoned",
    ] {
        assert!(source.contains(&format!("\n?{reason} ")), "{reason}");
    }
}

/// The conditions and the values of a template, each block's in their order.
fn parts(template: Template, language: Language) -> Vec<Vec<String>> {
    let source = template.source(language);
    let (subject, rest) = source.split_once('\n').unwrap();
    let part = |block: &str| {
        let condition = block.strip_prefix('?').and_then(|block| block.split_whitespace().next());
        let mut named: Vec<String> =
            block.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.to_owned())).collect();
        named.sort();
        named.extend(condition.map(|name| format!("?{name}")));
        named
    };
    std::iter::once(subject).chain(rest.split("\n\n")).map(part).collect()
}

#[test]
fn each_template_says_the_same_in_each_language() {
    for template in Template::ALL {
        let english = parts(template, Language::En);
        for language in Language::ALL {
            assert_eq!(parts(template, language), english, "{template:?} {language:?}");
        }
        let hindi = template.source(Language::Hi);
        let latin = hindi.split("{{").map(|text| text.rsplit("}}").next().unwrap_or_default());
        let words: Vec<&str> = latin
            .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '?'))
            .filter(|word| word.len() > 3 && !word.starts_with('?'))
            .filter(|word| {
                let places =
                    ["bookings", "checkout", "wallet", "forgotten", "sign", "admin", "money?list", "sales"];
                !["facts", "tickets", "shows", "slow", "quiet"].contains(word) && !places.contains(word)
            })
            .collect();
        assert!(words.is_empty(), "{template:?} is in English in parts: {words:?}");
    }
}

#[test]
fn a_mail_in_hindi_has_no_words_of_the_frame_in_english() {
    let tickets = vec![PrintedTicket { language: Language::Hi, ..ticket("A-1") }];
    let contents = Contents { language: Language::Hi, tickets, ..contents(Template::BookingConfirmed) };
    let letter = Letter::new(&contents).unwrap();
    assert_eq!(letter.subject, "आपके टिकट: Rain & <Fog>, Friday, 27 November 2026 (K7QM-3XRP)");
    assert!(letter.text.contains("नमस्ते Ada") && letter.text.contains("सीट A-1"), "{}", letter.text);
    assert!(letter.html.contains("<html lang=\"hi\">") && letter.html.contains(">सीट<"), "{}", letter.html);
    assert!(!letter.html.contains("QR code of") && !letter.html.contains("SEAT"), "{}", letter.html);
}

#[test]
fn tickets_promise_only_the_money_that_a_cancellation_returns() {
    let letter = |back, language| {
        let mut contents = Contents { language, ..contents(Template::BookingConfirmed) };
        contents.values.remove("cancel_until");
        contents.values.extend(leaving(inr(29_000), inr(back), "Friday, 16:30".to_owned()));
        Letter::new(&contents).unwrap().text
    };
    let whole = letter(29_000, Language::En);
    assert!(
        whole.contains("for a full refund until Friday, 16:30.") && !whole.contains("We then keep"),
        "{whole}"
    );
    let part = letter(22_500, Language::En);
    assert!(
        part.contains("until Friday, 16:30. We then keep ₹65.00 of the ₹290.00 that you paid."),
        "{part}"
    );
    assert!(!part.contains("full refund"), "{part}");
    let hindi = letter(22_500, Language::Hi);
    assert!(hindi.contains("₹290.00 में से ₹65.00 काटकर") && !hindi.contains("पूरे पैसे"), "{hindi}");
}

#[test]
fn a_subject_has_the_number_of_the_booking_once() {
    for template in Template::ALL {
        for language in Language::ALL {
            let subject = Letter::new(&Contents { language, ..contents(template) }).unwrap().subject;
            assert_eq!(subject.matches("K7QM-3XRP").count(), 1, "{subject}");
        }
    }
}

#[test]
fn a_fact_is_apart_from_its_name_and_hindi_agrees_with_the_number_of_seats() {
    let facts = vec![("शामिल टैक्स", "CGST (₹42.71)".to_owned()), ("कुल", "₹560.00".to_owned())];
    let contents = Contents { facts, language: Language::Hi, ..contents(Template::SeatsReturned) };
    let text = Letter::new(&contents).unwrap().text;
    assert!(text.contains("शामिल टैक्स: CGST") && text.contains("कुल:     ₹560.00"), "{text}");
    let seats = ["A-1", "A-2"].map(|seat| SeatName(seat.to_owned()));
    assert_eq!(named(&seats[..1], Language::Hi), "सीट A-1");
    assert_eq!(named(&seats, Language::Hi), "सीटों A-1, A-2");
}

#[test]
fn the_sums_of_a_mail_add_up_with_the_discount_by_its_name() {
    let seats = [("A-1", 2_501), ("A-2", 2_499)].map(|(seat, discount_minor)| PricedSeat {
        seat: SeatName(seat.to_owned()),
        category: "gold".to_owned(),
        price_minor: 25_000,
        ticket_type: TicketType::default(),
        discount_minor,
    });
    let charges =
        Charges { fee: Some(Fee { per: FeePer::Booking, amount_minor: 2_000 }), tax_rates: Vec::new() };
    let facts = |language, promotion: Option<&str>| {
        let promotion = promotion.map(str::to_owned);
        Costs { seats: &seats, charges: &charges, total: inr(47_000), promotion }.facts(language, |_| None)
    };
    let shown = [
        ("Seats", "A-1 (₹250.00), A-2 (₹250.00)"),
        ("Discount", "−₹50.00 (DIWALI)"),
        ("Booking fee", "₹20.00"),
        ("Total", "₹470.00"),
    ];
    assert_eq!(facts(Language::En, Some("DIWALI")), shown.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(facts(Language::Hi, None)[1], ("छूट", "−₹50.00".to_owned()));
}

#[test]
fn a_mail_names_the_level_of_a_seat() {
    let upstairs = PrintedTicket { level: Some("Balcony".to_owned()), ..ticket("A-1") };
    let tickets = vec![upstairs, ticket("A-2")];
    let letter = Letter::new(&Contents { tickets, ..contents(Template::BookingConfirmed) }).unwrap();
    assert!(
        letter.text.contains("Balcony, Seat A-1 (") && letter.text.contains("\nSeat A-2 ("),
        "{}",
        letter.text
    );
    assert_eq!(letter.html.matches("BALCONY · SEAT").count(), 1, "{}", letter.html);
}
