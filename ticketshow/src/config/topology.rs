//! Settings of the streams.

use std::time::Duration;

use clap::{Args, builder::RangedU64ValueParser, value_parser};
use ticketshow_nats::server::topology::TopologySettings;

/// Settings of the streams and buckets. nats-server reserves the space of all of them.
#[derive(Debug, Clone, Args)]
pub struct Topology {
    /// Replicas of every stream, 1 to 5: 1 on one machine, 3 in a cluster. Default 1.
    #[arg(long, env = "TICKETSHOW_REPLICAS", default_value_t = 1, value_parser = value_parser!(u8).range(1..=5))]
    replicas: u8,

    /// Time that mails are kept, in days, 30 to 3650. Default 400.
    #[arg(long, env = "TICKETSHOW_MAILS_DAYS", default_value_t = days(TopologySettings::default().mails_life),
        value_parser = value_parser!(u64).range(30..=3_650))]
    mails_days: u64,

    /// Maximum size of the log, in bytes, 1 MiB to 16 TiB; beyond it commands are refused. Default 8589934592, 8 GiB.
    #[arg(long, env = "TICKETSHOW_EVENTS_BYTES_MAX", default_value_t = TopologySettings::default().events_bytes_max,
        value_parser = bytes())]
    events_bytes_max: u64,

    /// Maximum size of the mail queue and its history, in bytes, 1 MiB to 16 TiB; beyond it no mails are queued. Default 2147483648, 2 GiB.
    #[arg(long, env = "TICKETSHOW_MAILS_BYTES_MAX", default_value_t = TopologySettings::default().mails_bytes_max,
        value_parser = bytes())]
    mails_bytes_max: u64,

    /// Maximum size of the notices of the payment provider, in bytes, 1 MiB to 16 TiB; beyond it they are refused and delivered again later. Default 536870912, 512 MiB.
    #[arg(long, env = "TICKETSHOW_WEBHOOKS_BYTES_MAX", default_value_t = TopologySettings::default().webhooks_bytes_max,
        value_parser = bytes())]
    webhooks_bytes_max: u64,

    /// Maximum size of the timers, in bytes, 1 MiB to 16 TiB; beyond it the oldest are dropped. Default 268435456, 256 MiB.
    #[arg(long, env = "TICKETSHOW_TIMERS_BYTES_MAX", default_value_t = TopologySettings::default().timers_bytes_max,
        value_parser = bytes())]
    timers_bytes_max: u64,

    /// Maximum size of the parked messages, in bytes, 1 MiB to 16 TiB; beyond it failing messages are retried instead. Default 268435456, 256 MiB.
    #[arg(long, env = "TICKETSHOW_PARKED_BYTES_MAX", default_value_t = TopologySettings::default().parked_bytes_max,
        value_parser = bytes())]
    parked_bytes_max: u64,

    /// Maximum size of the snapshots, in bytes, 1 MiB to 16 TiB; beyond it long histories load slowly. Default 1073741824, 1 GiB.
    #[arg(long, env = "TICKETSHOW_SNAPSHOTS_BYTES_MAX", default_value_t = TopologySettings::default().snapshots_bytes_max,
        value_parser = bytes())]
    snapshots_bytes_max: u64,

    /// Maximum size of the sessions, in bytes, 1 MiB to 16 TiB; beyond it nobody can sign in. Default 268435456, 256 MiB.
    #[arg(long, env = "TICKETSHOW_SESSIONS_BYTES_MAX", default_value_t = TopologySettings::default().sessions_bytes_max,
        value_parser = bytes())]
    sessions_bytes_max: u64,

    /// Maximum size of the requests that wait for a proof, such as registrations, in bytes, 1 MiB to 16 TiB; beyond it the oldest are dropped. Default 67108864, 64 MiB.
    #[arg(long, env = "TICKETSHOW_REQUESTS_BYTES_MAX", default_value_t = TopologySettings::default().requests_bytes_max,
        value_parser = bytes())]
    requests_bytes_max: u64,
    /// Maximum size of the keys of persons, in bytes, 1 MiB to 16 TiB; beyond it nobody can register. Default 536870912, 512 MiB: some
    /// two million persons.
    #[arg(long, env = "TICKETSHOW_PERSONS_BYTES_MAX", default_value_t = TopologySettings::default().persons_bytes_max,
        value_parser = bytes())]
    persons_bytes_max: u64,

    /// Maximum size of the security log, in bytes, 1 MiB to 16 TiB; beyond it the oldest entries leave. Default 268435456, 256 MiB.
    #[arg(long, env = "TICKETSHOW_AUDIT_BYTES_MAX", default_value_t = TopologySettings::default().audit_bytes_max,
        value_parser = bytes())]
    audit_bytes_max: u64,

    /// Maximum size of the security log of staff and administrators, in bytes, 1 MiB to 16 TiB; beyond it the oldest entries leave. Default 268435456, 256 MiB.
    #[arg(long, env = "TICKETSHOW_AUDIT_ACTS_BYTES_MAX", default_value_t = TopologySettings::default().audit_acts_bytes_max,
        value_parser = bytes())]
    audit_acts_bytes_max: u64,

    /// Time that entries of the security log are kept, in days, 30 to 3650. Default 400.
    #[arg(long, env = "TICKETSHOW_AUDIT_DAYS", default_value_t = days(TopologySettings::default().audit_life),
        value_parser = value_parser!(u64).range(30..=3_650))]
    audit_days: u64,
}

fn bytes() -> RangedU64ValueParser {
    value_parser!(u64).range(1 << 20..=16 << 40)
}

fn days(life: Duration) -> u64 {
    life.as_secs() / SECONDS_PER_DAY
}

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

impl Topology {
    /// Returns the settings of the topology.
    pub fn settings(&self) -> TopologySettings {
        TopologySettings {
            replicas: self.replicas.into(),
            mails_life: Duration::from_secs(self.mails_days * SECONDS_PER_DAY),
            events_bytes_max: self.events_bytes_max,
            mails_bytes_max: self.mails_bytes_max,
            webhooks_bytes_max: self.webhooks_bytes_max,
            timers_bytes_max: self.timers_bytes_max,
            parked_bytes_max: self.parked_bytes_max,
            snapshots_bytes_max: self.snapshots_bytes_max,
            sessions_bytes_max: self.sessions_bytes_max,
            requests_bytes_max: self.requests_bytes_max,
            persons_bytes_max: self.persons_bytes_max,
            audit_bytes_max: self.audit_bytes_max,
            audit_acts_bytes_max: self.audit_acts_bytes_max,
            audit_life: Duration::from_secs(self.audit_days * SECONDS_PER_DAY),
            ..TopologySettings::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        topology: Topology,
    }

    #[test]
    fn sizes_and_times_have_enforced_ranges() {
        let parsed = |setting: &str, value: &str| {
            let command = Command::try_parse_from(["admin", setting, value]);
            command.map(|command| command.topology.settings()).map_err(|error| error.kind())
        };
        for stream in [
            "events",
            "mails",
            "webhooks",
            "timers",
            "parked",
            "snapshots",
            "sessions",
            "persons",
            "requests",
            "audit",
            "audit-acts",
        ] {
            let setting = format!("--{stream}-bytes-max");
            assert!(parsed(&setting, "1048576").is_ok(), "{stream}");
            assert!(parsed(&setting, "1048575").is_err(), "{stream}");
            assert!(parsed(&setting, "17592186044417").is_err(), "{stream}");
        }
        assert_eq!(parsed("--mails-bytes-max", "1048577").unwrap().mails_bytes_max, 1_048_577);
        assert_eq!(parsed("--mails-days", "30").unwrap().mails_life, Duration::from_hours(720));
        assert!(parsed("--mails-days", "29").is_err());
        assert!(parsed("--audit-days", "29").is_err());
        assert!(parsed("--replicas", "0").is_err());
        assert!(parsed("--replicas", "6").is_err());
    }

    #[test]
    fn an_installation_without_settings_keeps_the_sizes_of_earlier_versions() {
        let settings = Command::parse_from(["admin"]).topology.settings();
        let sizes = [
            settings.events_bytes_max,
            settings.mails_bytes_max,
            settings.webhooks_bytes_max,
            settings.timers_bytes_max,
            settings.parked_bytes_max,
            settings.snapshots_bytes_max,
            settings.sessions_bytes_max,
        ];
        assert_eq!(sizes, [8 << 30, 2 << 30, 512 << 20, 256 << 20, 256 << 20, 1 << 30, 256 << 20]);
    }
}
