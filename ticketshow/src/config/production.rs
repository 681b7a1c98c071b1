//! Requirements of production on the settings: data that leaves the machine is encrypted, and no simulator replaces a
//! real service.

use anyhow::{Result, ensure};
use clap::ValueEnum;
use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::config::{Cards, Data, Mail, Mode, Nats, Posters, Process, Search, Service};

/// Dependency that is reached over a network the operator trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrivatePart {
    /// nats-server.
    Nats,
    /// Postgres.
    Postgres,
    /// `OpenSearch`, which is reached by plain HTTP only.
    Opensearch,
    /// The object store.
    S3,
    /// The mail server.
    Smtp,
    /// The collector of traces.
    Otlp,
}

/// Settings that production refuses, collected over the parts of a service.
#[derive(Debug)]
pub struct Demands<'a> {
    process: &'a Process,
    refused: Vec<String>,
}

impl<'a> Demands<'a> {
    pub fn of(process: &'a Process) -> Self {
        let mut demands = Self { process, refused: Vec::new() };
        let collector = process.traces.otlp_endpoint.as_deref().unwrap_or_default();
        demands.encrypted(
            is_encrypted(collector),
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://",
            PrivatePart::Otlp,
        );
        demands
    }

    pub fn nats(mut self, nats: &Nats) -> Self {
        let in_clear =
            nats.url.split(',').map(str::trim).any(|url| !url.starts_with("tls://") && leaves(url));
        self.encrypted(!in_clear, "NATS_URL", "tls://", PrivatePart::Nats);
        self
    }

    pub fn postgres(mut self, data: &Data) -> Self {
        let reading = data.read_database_url.as_ref().map(|url| ("TICKETSHOW_READ_DATABASE_URL", url));
        for (setting, url) in [("DATABASE_URL", &data.database_url)].into_iter().chain(reading) {
            let Ok(options) = url.expose_secret().parse::<PgConnectOptions>() else { continue };
            let host = options.get_host();
            let encrypted = match options.get_ssl_mode() {
                PgSslMode::VerifyFull => true,
                // These two encrypt to any server that answers, or to any holder of a certificate.
                PgSslMode::Require | PgSslMode::VerifyCa => false,
                PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => false,
            };
            let encrypted = encrypted || host.starts_with('/') || is_here(host);
            self.encrypted(encrypted, setting, "sslmode=verify-full", PrivatePart::Postgres);
        }
        self
    }

    pub fn search(mut self, search: &Search) -> Self {
        let url = search.opensearch_url.as_deref().unwrap_or_default();
        self.encrypted(
            is_encrypted(url),
            "OPENSEARCH_URL",
            "a proxy on this machine",
            PrivatePart::Opensearch,
        );
        self
    }

    pub fn posters(mut self, posters: &Posters) -> Self {
        let endpoint = posters.s3_endpoint.as_deref().unwrap_or_default();
        self.encrypted(is_encrypted(endpoint), "S3_ENDPOINT", "https://", PrivatePart::S3);
        if endpoint.is_empty() {
            return self;
        }
        let public = posters.s3_public_endpoint.as_deref().unwrap_or(endpoint);
        self.demand(public.starts_with("https://"), "S3_PUBLIC_ENDPOINT must begin with https://");
        self
    }

    pub fn mail(mut self, mail: &Mail) -> Self {
        self.demand(mail.origin.starts_with("https://"), "TICKETSHOW_ORIGIN must begin with https://");
        let Some(url) = &mail.smtp_url else { return self };
        let url = url.expose_secret();
        let encrypted = url.starts_with("smtps://") || url.contains("tls=required") || !leaves(url);
        self.encrypted(encrypted, "SMTP_URL", "smtps:// or ?tls=required", PrivatePart::Smtp);
        let from = mail.mail_from.trim_end_matches('>');
        self.demand(!from.ends_with("@localhost"), "TICKETSHOW_MAIL_FROM must not be at localhost");
        self
    }

    pub fn cards(mut self, cards: &Cards) -> Self {
        if cards.dodo_api_key.is_none() {
            return self;
        }
        self.demand(
            cards.dodo_base_url.is_none(),
            "DODO_PAYMENTS_BASE_URL must not be set: it names a simulator",
        );
        let returns = cards.dodo_return_url.starts_with("https://");
        self.demand(returns, "DODO_PAYMENTS_RETURN_URL must begin with https://");
        self
    }

    /// Refuses the settings in production.
    ///
    /// # Errors
    ///
    /// The settings that do not meet its demands, all at once.
    pub fn check(self) -> Result<()> {
        let is_production = self.process.mode == Mode::Production;
        ensure!(
            !is_production || self.refused.is_empty(),
            "TICKETSHOW_MODE=production: {}",
            self.refused.join("; ")
        );
        Ok(())
    }

    fn encrypted(&mut self, encrypted: bool, setting: &str, with: &str, part: PrivatePart) {
        let private = self.process.private_network.contains(&part);
        let name = part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        self.demand(
            encrypted || private,
            &format!(
                "{setting} leaves this machine without encryption to a party that proves itself: use {with}, or name {name} in \
                 TICKETSHOW_PRIVATE_NETWORK if nobody else can read that network"
            ),
        );
    }

    fn demand(&mut self, met: bool, demand: &str) {
        if !met {
            self.refused.push(demand.to_owned());
        }
    }
}

impl Service {
    /// Checks the settings of all services.
    ///
    /// # Errors
    ///
    /// Production refuses some of them.
    pub fn meet_demands(&self) -> Result<()> {
        let Self { process, nats, data, cards, mail, posters, search, .. } = self;
        let demands = Demands::of(process).nats(nats).postgres(data).search(search);
        demands.posters(posters).mail(mail).cards(cards).check()
    }
}

fn is_encrypted(url: &str) -> bool {
    url.is_empty() || url.starts_with("https://") || !leaves(url)
}

/// Returns `true` if the host of an address is another machine.
fn leaves(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    !is_here(host)
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Started {
        #[command(flatten)]
        service: Service,
    }

    /// Settings that production accepts, and some others in their place.
    fn refused(changed: &[&str]) -> Option<String> {
        let secret = "0123456789abcdef".repeat(4);
        let mut arguments = vec![
            ("--mode", "production"),
            ("--secret", &secret),
            ("--nats-url", "tls://nats.example.org:4222"),
            ("--database-url", "postgres://u:p@db.example.org/t?sslmode=verify-full"),
            ("--opensearch-url", "http://127.0.0.1:9200"),
            ("--s3-endpoint", "https://s3.example.org"),
            ("--smtp-url", "smtps://u:p@mail.example.org"),
            ("--mail-from", "Ticket Show <tickets@example.org>"),
            ("--origin", "https://tickets.example.org"),
            ("--dodo-api-key", "key"),
            ("--dodo-return-url", "https://tickets.example.org/payments/return"),
        ];
        for pair in changed.chunks(2) {
            arguments.retain(|(name, _)| *name != pair[0]);
            arguments.push((pair[0], pair[1]));
        }
        let arguments = arguments.into_iter().flat_map(|(name, value)| [name, value]);
        let Started { service } = Started::parse_from(std::iter::once("service").chain(arguments));
        service.meet_demands().err().map(|error| error.to_string())
    }

    #[test]
    fn production_refuses_what_leaves_the_machine_in_clear_and_names_the_setting() {
        assert_eq!(refused(&[]), None);
        for (setting, argument, value) in [
            ("NATS_URL", "--nats-url", "nats://nats.example.org:4222"),
            ("NATS_URL", "--nats-url", "tls://a.example.org,nats://b.example.org"),
            ("DATABASE_URL", "--database-url", "postgres://u:p@db.example.org/t"),
            ("DATABASE_URL", "--database-url", "postgres://u:p@db.example.org/t?sslmode=require"),
            ("DATABASE_URL", "--database-url", "postgres://u:p@db.example.org/t?sslmode=verify-ca"),
            (
                "TICKETSHOW_READ_DATABASE_URL",
                "--read-database-url",
                "postgres://u:p@db.example.org/t?sslmode=require",
            ),
            ("OPENSEARCH_URL", "--opensearch-url", "http://search.example.org:9200"),
            ("S3_ENDPOINT", "--s3-endpoint", "http://s3.example.org"),
            ("S3_PUBLIC_ENDPOINT", "--s3-public-endpoint", "http://s3.example.org"),
            ("SMTP_URL", "--smtp-url", "smtp://mail.example.org:25"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "--otlp-endpoint", "http://collector.example.org:4318"),
            ("TICKETSHOW_MAIL_FROM", "--mail-from", "Ticket Show <tickets@localhost>"),
            ("TICKETSHOW_ORIGIN", "--origin", "http://tickets.example.org"),
            ("DODO_PAYMENTS_BASE_URL", "--dodo-base-url", "http://127.0.0.1:8010"),
            ("DODO_PAYMENTS_RETURN_URL", "--dodo-return-url", "http://tickets.example.org/"),
        ] {
            let refusal = refused(&[argument, value]).unwrap_or_default();
            assert!(refusal.contains(setting), "{argument} {value}: {refusal}");
            assert_eq!(refused(&[argument, value, "--mode", "local"]), None);
        }
    }

    #[test]
    fn loopback_and_private_networks_need_no_encryption() {
        for url in ["nats://127.0.0.1:4222", "nats://[::1]:4222", "nats://u:p@localhost"] {
            assert_eq!(refused(&["--nats-url", url]), None, "{url}");
        }
        assert_eq!(refused(&["--database-url", "postgres://u@localhost/t"]), None);
        assert_eq!(refused(&["--database-url", "postgres:///t?host=/run/postgresql"]), None);
        assert_eq!(refused(&["--smtp-url", "smtp://mail.example.org?tls=required"]), None);
        assert_eq!(refused(&["--otlp-endpoint", "http://127.0.0.1:4318"]), None);
        let private = [
            "--private-network",
            "nats,opensearch",
            "--nats-url",
            "nats://nats-0.nats",
            "--opensearch-url",
            "http://s",
        ];
        assert_eq!(refused(&private), None);
    }
}
