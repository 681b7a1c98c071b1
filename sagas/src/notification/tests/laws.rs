//! A mail, the log of mails and an inbox, driven by the steps of sending; a crash may come between any two of them.

use ticketshow_nats::MailState;

use crate::notification::{
    mailer::SendError,
    mailing::{Step, next, outcome},
};

const ADDRESS: &str = "ada@example.org";

/// What outlives a crash.
#[derive(Debug, Clone, Default, PartialEq)]
struct World {
    noted: Vec<MailState>,
    /// How often the mail server took the mail.
    taken: usize,
}

/// What the mail server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Takes,
    /// Has no such address.
    Refuses,
}

/// What is done in one go; a crash comes after so many of these.
const WRITES: usize = 3;

impl World {
    fn wanted() -> Self {
        Self { noted: vec![MailState::Wanted {}], taken: 0 }
    }

    /// One delivery that crashes after `writes` changes of the world, or comes to its end.
    fn deliver(&mut self, server: Server, writes: usize) {
        let mut left = writes;
        let mut step = next(self.noted.last());
        loop {
            if left == 0 {
                return;
            }
            left -= 1;
            match step {
                Step::Nothing => return,
                Step::Announce => {
                    self.noted.push(MailState::Sending { to: ADDRESS.to_owned() });
                    step = next(self.noted.last());
                }
                Step::Send => {
                    assert!(matches!(self.noted.last(), Some(MailState::Sending { .. })), "not announced");
                    let answer = self.ask(server);
                    if left == 0 {
                        return;
                    }
                    self.noted.push(outcome(ADDRESS, answer).unwrap());
                    step = next(self.noted.last());
                }
            }
        }
    }

    fn ask(&mut self, server: Server) -> Result<(), SendError> {
        match server {
            Server::Takes => {
                self.taken += 1;
                Ok(())
            }
            Server::Refuses => Err(SendError::Address("nobody".parse::<lettre::Address>().unwrap_err())),
        }
    }

    fn is_settled(&self) -> bool {
        self.noted.last().is_some_and(MailState::is_settled)
    }
}

#[test]
fn a_mail_is_announced_sent_and_noted() {
    let mut world = World::wanted();
    world.deliver(Server::Takes, usize::MAX);
    let to = || ADDRESS.to_owned();
    let noted = [MailState::Wanted {}, MailState::Sending { to: to() }, MailState::Sent { to: to() }];
    assert_eq!((world.noted, world.taken), (noted.to_vec(), 1));
}

#[test]
fn wherever_it_crashes_the_mail_arrives_and_at_most_once_more_than_it_crashed() {
    for first in 0..=WRITES {
        for second in 0..=WRITES {
            let mut world = World::wanted();
            world.deliver(Server::Takes, first);
            world.deliver(Server::Takes, second);
            world.deliver(Server::Takes, usize::MAX);
            assert!(world.is_settled(), "{first} {second}: {world:?}");
            assert!((1..=3).contains(&world.taken), "{first} {second}: {world:?}");
        }
    }
}

#[test]
fn a_mail_that_is_settled_is_not_touched_by_a_repeat() {
    for server in [Server::Takes, Server::Refuses] {
        let mut world = World::wanted();
        world.deliver(server, usize::MAX);
        let settled = world.clone();
        world.deliver(Server::Takes, usize::MAX);
        assert_eq!(world, settled);
    }
}

#[test]
fn an_address_that_is_refused_is_given_up_with_the_reason() {
    let mut world = World::wanted();
    world.deliver(Server::Refuses, usize::MAX);
    let Some(MailState::Failed { to, error }) = world.noted.last() else { panic!("{world:?}") };
    assert_eq!(to.as_deref(), Some(ADDRESS));
    assert_eq!(error[0], "the address is none that mail can be sent to");
    assert_eq!(world.taken, 0);
}
