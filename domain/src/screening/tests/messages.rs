//! Messages to everybody who booked.

use super::*;
use crate::{examples::pointers, screening::Message};

const END: i64 = START + 9_000;

fn message(subject: &str, text: &str) -> Message {
    Message { subject: subject.to_owned(), text: text.to_owned() }
}

fn send(n: u8, message: Message) -> Command {
    Command::SendMessage { id: uuid(n), message, by: user(99), fingerprint: None }
}

fn sent(n: u8, message: Message, bookings: u32) -> Event {
    Event::MessageSent { id: uuid(n), message, by: user(99), bookings, fingerprint: None }
}

#[test]
fn a_message_goes_to_those_who_paid_and_once() {
    let history =
        [opened(), reserved(1, 1, &["A-1"], 480), sold(1, 1, 1, &["A-1"]), reserved(2, 2, &["A-2"], 480)];
    let mailed = sent(40, message("Later", "Doors at 7.\n\nSorry."), 1);
    let command = || send(40, message(" Later ", "Doors at 7.\n\nSorry. "));
    assert_eq!(given(&history).decide(command(), at(0)), Ok(vec![mailed.clone()]));
    let after = given(&[history.to_vec(), vec![mailed]].concat());
    assert_eq!(after.decide(command(), at(0)), Ok(vec![]));
    let reused = Command::SendMessage {
        id: uuid(40),
        message: message("Other", "Text"),
        by: user(99),
        fingerprint: Some(fingerprint("other")),
    };
    assert_eq!(after.decide(reused, at(0)), Err(Refusal::KeyReused));
}

#[test]
fn a_message_has_a_subject_and_a_text_and_a_screening_that_is_not_over() {
    let Err(Refusal::Invalid(flaws)) = given(&[opened()]).decide(send(40, message("", "")), at(0)) else {
        panic!("it is refused")
    };
    assert_eq!(pointers(&flaws), ["/subject", "/text"]);
    let fine = || send(40, message("Later", "Doors at 7."));
    assert!(given(&[opened()]).decide(fine(), at(END - 1)).is_ok());
    assert_eq!(given(&[opened()]).decide(fine(), at(END)), Err(Refusal::Over(at(END))));
    assert_eq!(given(&[opened(), cancelled()]).decide(fine(), at(0)), Err(Refusal::ScreeningCancelled));
    let many: Vec<Event> = (0..20).map(|n| sent(n, message("Later", "Doors at 7."), 0)).collect();
    let many = given(&[vec![opened()], many].concat());
    assert_eq!(many.decide(fine(), at(0)), Err(Refusal::TooManyMessages { max: 20 }));
}
