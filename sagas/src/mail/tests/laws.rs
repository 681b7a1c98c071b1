//! A mail, the log of mails and an inbox, driven by the steps of sending, with a crash between any two of them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ticketshow_domain::{Personal, mail::MailKind};
use ticketshow_nats::consumers::mail::{Mail, MailEntry, MailState};
use uuid::Uuid;

use super::{ADA, BOOKING};
use crate::mail::{
    mailer::{SendError, hidden},
    mailing::{Step, To, deferred, next, outcome, wait},
};

const ADDRESS: &str = "ada@example.org";

/// State that survives a crash.
#[derive(Debug, Clone, Default, PartialEq)]
struct World {
    recorded: Vec<MailState>,
    /// Times that the mail server accepted the mail.
    accepted: usize,
}

/// Behaviour of the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Accepts,
    /// Knows no such address.
    Refuses,
}

/// Changes per delivery; a crash comes after some of them.
const WRITES: usize = 3;

impl World {
    fn wanted() -> Self {
        Self { recorded: vec![MailState::Wanted {}], accepted: 0 }
    }

    /// Makes one delivery that crashes after `writes` changes, or completes.
    fn deliver(&mut self, server: Server, writes: usize) {
        let mut left = writes;
        let mut step = next(self.newest());
        loop {
            if left == 0 {
                return;
            }
            left -= 1;
            match step {
                Step::Done => return,
                Step::Announce => {
                    self.recorded.push(sending(None));
                    step = next(self.newest());
                }
                Step::Send => {
                    assert!(matches!(self.newest(), MailState::Sending { .. }), "not announced");
                    let answer = self.ask(server);
                    if left == 0 {
                        return;
                    }
                    self.recorded.push(outcome(self.newest(), &to(), noon(), answer).unwrap());
                    step = next(self.newest());
                }
            }
        }
    }

    fn ask(&mut self, server: Server) -> Result<(), SendError> {
        match server {
            Server::Accepts => {
                self.accepted += 1;
                Ok(())
            }
            Server::Refuses => Err(SendError::Address("nobody".parse::<lettre::Address>().unwrap_err())),
        }
    }

    fn newest(&self) -> &MailState {
        self.recorded.last().expect("a mail starts as wanted")
    }

    fn is_settled(&self) -> bool {
        self.newest().is_settled()
    }
}

fn noon() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

fn stored() -> Personal {
    Personal::plain(ADDRESS)
}

fn to() -> To {
    To { address: ADDRESS.to_owned(), stored: stored() }
}

fn sending(deferred_since: Option<Timestamp>) -> MailState {
    MailState::Sending { to: stored(), deferred_since }
}

#[test]
fn a_mail_is_announced_sent_and_recorded() {
    let mut world = World::wanted();
    world.deliver(Server::Accepts, usize::MAX);
    let recorded = [MailState::Wanted {}, sending(None), MailState::Sent { to: stored() }];
    assert_eq!((world.recorded, world.accepted), (recorded.to_vec(), 1));
}

#[test]
fn a_mail_arrives_wherever_it_crashes_and_at_most_once_more_per_crash() {
    for first in 0..=WRITES {
        for second in 0..=WRITES {
            let mut world = World::wanted();
            world.deliver(Server::Accepts, first);
            world.deliver(Server::Accepts, second);
            world.deliver(Server::Accepts, usize::MAX);
            assert!(world.is_settled(), "{first} {second}: {world:?}");
            assert!((1..=3).contains(&world.accepted), "{first} {second}: {world:?}");
        }
    }
}

#[test]
fn a_settled_mail_is_not_changed_by_a_repeat() {
    for server in [Server::Accepts, Server::Refuses] {
        let mut world = World::wanted();
        world.deliver(server, usize::MAX);
        let settled = world.clone();
        world.deliver(Server::Accepts, usize::MAX);
        assert_eq!(world, settled);
    }
}

#[test]
fn a_refused_address_fails_the_mail_with_the_reason() {
    let mut world = World::wanted();
    world.deliver(Server::Refuses, usize::MAX);
    let Some(MailState::Failed { to, error }) = world.recorded.last() else { panic!("{world:?}") };
    assert_eq!(to, &Some(stored()));
    assert_eq!(error[0], "invalid e-mail address");
    assert_eq!(world.accepted, 0);
}

#[test]
fn a_mail_is_deferred_for_three_days_and_then_fails() {
    let since = noon();
    let error = || vec!["the mail server deferred the mail".to_owned()];
    let to = stored();
    assert_eq!(deferred(&sending(None), &to, since, error()), sending(Some(since)));
    let last = since + SignedDuration::from_hours(72) - SignedDuration::from_millis(1);
    assert_eq!(deferred(&sending(Some(since)), &to, last, error()), sending(Some(since)));
    let failed = MailState::Failed { to: Some(to.clone()), error: error() };
    let third_day = since + SignedDuration::from_hours(72);
    assert_eq!(deferred(&sending(Some(since)), &to, third_day, error()), failed);
    // A server that was unreachable for days has deferred nothing yet.
    assert_eq!(deferred(&sending(None), &to, third_day, error()), sending(Some(third_day)));
}

#[test]
fn a_deferred_mail_waits_a_minute_and_then_ever_longer_up_to_half_an_hour() {
    let mail = Mail {
        id: Uuid::from_u128(1),
        recipient: ADA,
        matter: MailKind::BookingConfirmed { booking: BOOKING },
        wanted_at: noon(),
        correlation: Uuid::from_u128(2),
        trace: None,
        repeats: None,
        cascade: None,
        address: None,
    };
    let wait_of = |state, deferred_for, now: Timestamp| {
        let at = noon() + SignedDuration::from_mins(deferred_for);
        wait(&MailEntry { mail: mail.clone(), state, at }, now)
    };
    let after = |minutes| noon() + SignedDuration::from_mins(minutes);
    let since = || sending(Some(noon()));
    assert_eq!(wait_of(since(), 0, after(0)), Some(Duration::from_mins(1)));
    assert_eq!(wait_of(since(), 0, after(1)), None);
    assert_eq!(wait_of(since(), 8, after(10)), Some(Duration::from_mins(6)));
    assert_eq!(wait_of(since(), 600, after(600)), Some(Duration::from_mins(30)));
    assert_eq!(wait_of(sending(None), 0, after(0)), None);
    assert_eq!(wait_of(MailState::Wanted {}, 0, after(0)), None);
}

#[test]
fn the_answer_of_a_mail_server_does_not_name_the_address() {
    let answer = |text: &str| vec!["the mail server refused the mail".to_owned(), text.to_owned()];
    let shown = hidden(answer("550 5.1.1 <Ada@Example.org>: unknown, ada@example.org"), ADDRESS);
    assert_eq!(shown, answer("550 5.1.1 <<address>>: unknown, <address>"));
    let shown = hidden(answer("no ada@xn--nda.example here"), "ada@\u{f6}.example");
    assert_eq!(shown, answer("no <address> here"));
    assert_eq!(hidden(answer("\u{130} try later"), ADDRESS), answer("\u{130} try later"));
}
