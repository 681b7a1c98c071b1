//! The installation under test: three nats-servers on machines of their own, Postgres, the payment simulator, and two
//! replicas of every service.

use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::process::Signal;
use ticketshow_tests::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Client, DodoSim, LIFTED, Postgres, SECRET, Server, eventually_within,
    run_to_end,
};

use crate::{
    machine::{Machine, Network},
    plan::{Fault, SERVICES, Target},
};

/// Longest time until an installation is up.
const START: Duration = Duration::from_mins(2);
/// Load between two faults, so that replicas catch up.
const BETWEEN: Duration = Duration::from_millis(1_500);
/// Time a machine is without power.
const DARK: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct Installation {
    services: Vec<Server>,
    machines: Vec<Machine>,
    postgres: Postgres,
    pub provider: DodoSim,
    settings: Vec<(String, String)>,
    _network: Network,
}

impl Installation {
    /// Starts everything on new machines.
    pub async fn start() -> Result<Self> {
        let network = Network::start()?;
        let machines = (0..3).map(Machine::start).collect::<Result<Vec<_>>>()?;
        let (postgres, provider) = tokio::join!(Postgres::start(), DodoSim::start());
        let urls: Vec<_> = machines.iter().map(Machine::url).collect();
        let mut settings: Vec<(String, String)> = [
            ("NATS_URL", urls.join(",")),
            ("NATS_MONITOR_URL", machines[0].monitor_url()),
            ("DATABASE_URL", postgres.fresh_database().await),
            ("TICKETSHOW_SECRET", SECRET.to_owned()),
            ("TICKETSHOW_CONFIRMATION_SECONDS", "43200".to_owned()),
            ("TICKETSHOW_ADMIN_EMAIL", ADMIN_EMAIL.to_owned()),
            ("TICKETSHOW_ADMIN_PASSWORD", ADMIN_PASSWORD.to_owned()),
            ("TICKETSHOW_REPLICAS", "3".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let lifted = LIFTED.map(|(name, value)| (name.to_owned(), value.to_owned()));
        settings.extend(lifted);
        settings.extend(provider.environment().into_iter().map(|(name, value)| (name.to_owned(), value)));
        eventually_within(START, "the streams to be created", async || {
            run_to_end(&["admin", "topology"], &settings).status.success().then_some(())
        })
        .await;
        let borrowed: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut services = Vec::new();
        for service in SERVICES {
            services.push(Server::start(service, &borrowed).await);
        }
        provider.simulator.deliver_to(&format!("{}/api/v1/webhooks/dodo", services[0].url()));
        Ok(Self { services, machines, postgres, provider, settings, _network: network })
    }

    /// Clients of the two command APIs.
    pub fn commands(&self) -> [Client; 2] {
        [self.services[0].client(), self.services[1].client()]
    }

    /// A client of a query API.
    pub fn queries(&self) -> Client {
        self.services[2].client()
    }

    /// Lets a fault happen, and ends it.
    pub async fn suffer(&mut self, fault: Fault) -> Result<()> {
        match fault {
            Fault::Kill(target, pause) => self.kill(target, pause).await,
            Fault::Stop(target, pause) => {
                self.signal(target, Signal::STOP);
                tokio::time::sleep(pause).await;
                self.signal(target, Signal::CONT);
            }
            Fault::Isolate(index, pause) => self.cut_network(index, false, pause).await?,
            Fault::Split(index, pause) => self.cut_network(index, true, pause).await?,
            Fault::PowerCut(index) => self.cut_power(&[index]).await?,
            Fault::Blackout => self.cut_power(&[0, 1, 2]).await?,
        }
        tokio::time::sleep(BETWEEN).await;
        Ok(())
    }

    async fn kill(&mut self, target: Target, pause: Duration) {
        match target {
            Target::Service(_) | Target::Both(_) => {
                let index = service(target);
                self.services[index].kill();
                tokio::time::sleep(pause).await;
                self.services[index].respawn();
            }
            Target::Nats(index) => {
                self.machines[index].process().kill();
                tokio::time::sleep(pause).await;
                self.machines[index].restart();
            }
            Target::Postgres => {
                self.postgres.kill();
                tokio::time::sleep(pause).await;
                self.postgres.restart().await;
            }
        }
    }

    fn signal(&mut self, target: Target, signal: Signal) {
        match target {
            Target::Service(_) | Target::Both(_) => self.services[service(target)].process().signal(signal),
            Target::Nats(index) => self.machines[index].signal(signal),
            Target::Postgres => self.postgres.process().signal(signal),
        }
    }

    async fn cut_network(&mut self, index: usize, peers_only: bool, pause: Duration) -> Result<()> {
        self.machines[index].set_network(peers_only, false)?;
        tokio::time::sleep(pause).await;
        self.machines[index].set_network(peers_only, true)
    }

    async fn cut_power(&mut self, indexes: &[usize]) -> Result<()> {
        for index in indexes {
            self.machines[*index].cut_power()?;
        }
        tokio::time::sleep(DARK).await;
        for index in indexes {
            self.machines[*index].switch_on()?;
        }
        Ok(())
    }

    /// Waits until every process runs and is ready.
    pub async fn heal(&mut self) -> Result<()> {
        for service in &mut self.services {
            ensure!(
                service.process().is_running(),
                "a service ended by itself:\n{}",
                service.process().end_of_log()
            );
            service.wait_until_ready().await;
        }
        for machine in &mut self.machines {
            ensure!(machine.process().is_running(), "a nats-server ended by itself");
        }
        Ok(())
    }

    /// Runs `ticketshow verify` until everything is settled, for up to `limit`. Returns its output if it never is.
    pub async fn verify_settled(&self, limit: Duration) -> Option<String> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let output = run_to_end(&["verify", "--settled", "20"], &self.settings);
            if output.status.success() {
                return None;
            }
            if tokio::time::Instant::now() > deadline {
                let text = [output.stdout, output.stderr].concat();
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
}

fn service(target: Target) -> usize {
    match target {
        Target::Service(index) => index,
        Target::Both(name) => SERVICES.iter().position(|service| *service == name).unwrap_or_default(),
        Target::Nats(_) | Target::Postgres => unreachable!("not a service"),
    }
}
