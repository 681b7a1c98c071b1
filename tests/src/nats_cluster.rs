//! A nats-server cluster on one machine, for replicated streams.

use std::time::Duration;

use crate::{Client, Nats, Port, eventually_within};

/// Servers `n1`, `n2`, … that know each other.
#[derive(Debug)]
pub struct NatsCluster {
    nodes: Vec<Nats>,
    _ports: Vec<Port>,
}

impl NatsCluster {
    /// Starts `size` of them and waits until they have elected a leader.
    pub async fn start(size: usize) -> Self {
        Self::start_with(size, "").await
    }

    /// The same, with more configuration at the end of each file.
    pub async fn start_with(size: usize, appended: &str) -> Self {
        let ports: Vec<_> = (0..size).map(|_| Port::free()).collect();
        let numbers: Vec<_> = ports.iter().map(Port::number).collect();
        let nodes = numbers.iter().enumerate().map(|(index, own)| {
            Nats::spawn(&format!("n{}", index + 1), |place| place.cluster_config(*own, &numbers, appended))
        });
        let mut cluster = Self { nodes: nodes.collect(), _ports: ports };
        cluster.wait_until_ready().await;
        cluster
    }

    /// Addresses of all members, comma-separated.
    #[must_use]
    pub fn url(&self) -> String {
        self.nodes.iter().map(Nats::url).collect::<Vec<_>>().join(",")
    }

    /// The member called `name`.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn node(&mut self, name: &str) -> &mut Nats {
        self.nodes.iter_mut().find(|node| node.place().name == name).expect("a member of the cluster")
    }

    /// All members, `n1` first.
    pub fn nodes(&mut self) -> &mut [Nats] {
        &mut self.nodes
    }

    /// Kills a member at once.
    pub fn kill(&mut self, name: &str) {
        self.node(name).kill();
    }

    /// Starts a member again and waits until the cluster is whole.
    pub async fn restart(&mut self, name: &str) {
        self.node(name).respawn();
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&mut self) {
        for node in &mut self.nodes {
            node.wait_until_ready().await;
            let client = Client::new(&node.monitor_url());
            eventually_within(Duration::from_mins(1), "the cluster to be whole", async || {
                node.process().must_run();
                let health = client.get("/healthz").try_send().await.ok()?;
                (health.status == 200).then_some(())
            })
            .await;
        }
    }
}
