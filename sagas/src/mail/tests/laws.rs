//! A mail, the log of mails and an inbox, driven by the steps of sending, with a crash between any two of them.

use ticketshow_nats::consumers::mail::MailState;

use crate::mail::{
    mailer::SendError,
    mailing::{Step, next, outcome},
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
        let mut step = next(self.recorded.last());
        loop {
            if left == 0 {
                return;
            }
            left -= 1;
            match step {
                Step::Done => return,
                Step::Announce => {
                    self.recorded.push(MailState::Sending { to: ADDRESS.to_owned() });
                    step = next(self.recorded.last());
                }
                Step::Send => {
                    assert!(matches!(self.recorded.last(), Some(MailState::Sending { .. })), "not announced");
                    let answer = self.ask(server);
                    if left == 0 {
                        return;
                    }
                    self.recorded.push(outcome(ADDRESS, answer).unwrap());
                    step = next(self.recorded.last());
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

    fn is_settled(&self) -> bool {
        self.recorded.last().is_some_and(MailState::is_settled)
    }
}

#[test]
fn a_mail_is_announced_sent_and_recorded() {
    let mut world = World::wanted();
    world.deliver(Server::Accepts, usize::MAX);
    let to = || ADDRESS.to_owned();
    let recorded = [MailState::Wanted {}, MailState::Sending { to: to() }, MailState::Sent { to: to() }];
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
    assert_eq!(to.as_deref(), Some(ADDRESS));
    assert_eq!(error[0], "invalid e-mail address");
    assert_eq!(world.accepted, 0);
}
