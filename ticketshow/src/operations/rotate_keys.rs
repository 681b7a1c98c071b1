//! `ticketshow admin rotate-keys`: new keys of access tokens, ticket codes and the keys of persons, in front of those in use.

use anyhow::Result;
use clap::Args;
use secrecy::SecretString;
use ticketshow_http::TokenKey;
use ticketshow_stack::random_hex;
use ticketshow_tickets::Signer;

use crate::config::{InstallationSecret, KeySettings, root_key};

/// The installation and its keys in use.
#[derive(Debug, Args)]
pub struct Settings {
    #[command(flatten)]
    secret: InstallationSecret,

    #[command(flatten)]
    keys: KeySettings,
}

/// Prints the new settings. The keys in use stay in the lists, so that tokens and tickets remain valid: the previous key of
/// tokens, which live for ten minutes, and all keys of tickets.
///
/// # Errors
///
/// There is no secret, or a key in use is malformed.
pub fn print(settings: &Settings) -> Result<()> {
    print!("{}", rotated(&settings.keys, &settings.secret.find()?)?);
    Ok(())
}

fn rotated(keys: &KeySettings, secret: &SecretString) -> Result<String> {
    let new = || random_hex(32).parse::<TokenKey>().expect("32 bytes are 64 hexadecimal digits");
    let in_use = match keys.token_keys()? {
        Some(listed) => listed.into_iter().next(),
        None => Some(TokenKey::derived(&root_key(secret)?)),
    };
    let tokens: Vec<_> = std::iter::once(new()).chain(in_use).collect();
    let tickets: Vec<_> = std::iter::once(new()).chain(keys.ticket_keys(Some(secret))?).collect();
    let persons: Vec<_> = std::iter::once(new()).chain(keys.persons.tokens(Some(secret))?).collect();
    let join = |texts: Vec<String>| texts.join(",");
    let secrets = |keys: &[TokenKey]| join(keys.iter().map(TokenKey::reveal).collect());
    Ok(format!(
        "# First for query-api: it must know a new key before tokens are signed with it.\n\
         TICKETSHOW_TOKEN_PUBLIC_KEYS={}\n\
         # For query-api: doors without a network verify tickets with them.\n\
         TICKETSHOW_TICKET_PUBLIC_KEYS={}\n\
         # Then for command-api, or for serve.\n\
         TICKETSHOW_TOKEN_KEYS={}\n\
         # For command-api, then for sagas, or for serve. Remove the last key once its tickets are used.\n\
         TICKETSHOW_TICKET_KEYS={}\n\
         # For all services at once, or for serve. Remove the last key once command-api, or serve, has logged that all are wrapped.\n\
         TICKETSHOW_PERSON_KEYS={}\n",
        join(tokens.iter().map(|key| key.public().to_string()).collect()),
        join(tickets.iter().map(|key| Signer::from_secret(key.bytes()).public_key().to_string()).collect()),
        secrets(&tokens),
        secrets(&tickets),
        secrets(&persons),
    ))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use ticketshow_domain::{AccountKey, BookingId, ScreeningId, UserId, account::Role};
    use ticketshow_http::{Caller, Tokens};
    use ticketshow_tickets::Verifier;
    use uuid::Uuid;

    use super::*;
    use crate::config::PersonKeySettings;

    fn secret() -> SecretString {
        "0123456789abcdef".repeat(4).into()
    }

    fn caller() -> Caller {
        let id = Uuid::from_u128(1);
        Caller {
            user: UserId(id),
            account: AccountKey("a".to_owned()),
            role: Role::Customer,
            session: id,
            second_factor: false,
        }
    }

    /// Keys as printed.
    fn after(keys: &KeySettings) -> (KeySettings, KeySettings) {
        let printed = rotated(keys, &secret()).unwrap();
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
            line.unwrap().to_owned()
        };
        let signing = KeySettings {
            token_keys: Some(value("TICKETSHOW_TOKEN_KEYS").into()),
            ticket_keys: Some(value("TICKETSHOW_TICKET_KEYS").into()),
            token_public_keys: None,
            ticket_public_keys: None,
            persons: PersonKeySettings { person_keys: Some(value("TICKETSHOW_PERSON_KEYS").into()) },
        };
        let reading = KeySettings {
            token_public_keys: Some(value("TICKETSHOW_TOKEN_PUBLIC_KEYS")),
            ticket_public_keys: Some(value("TICKETSHOW_TICKET_PUBLIC_KEYS")),
            ..KeySettings::default()
        };
        (signing, reading)
    }

    #[test]
    fn tokens_and_tickets_of_before_remain_valid_and_query_api_needs_no_secret() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut keys = KeySettings::default();
        let (screening, booking) = (ScreeningId(Uuid::from_u128(2)), BookingId(Uuid::from_u128(3)));
        let mut codes = Vec::new();
        for _ in 0..3 {
            let token = Tokens::new(&keys.root(Some(&secret())).unwrap()).issue(&caller(), now);
            let signer = keys.signers(Some(&secret())).unwrap().remove(0);
            codes.push(signer.sign(screening, booking, &"A-1".parse().unwrap()));

            let (signing, reading) = after(&keys);
            let signed = Tokens::new(&signing.root(Some(&secret())).unwrap());
            let verified = Tokens::new(&reading.root(None).unwrap());
            let fresh = signed.issue(&caller(), now);
            for token in [&token, &fresh] {
                assert_eq!(signed.check(token, now), Some(caller()));
                assert_eq!(verified.check(token, now), Some(caller()));
            }
            let published = reading.verifying_ticket_keys(None).unwrap();
            assert_eq!(published, signing.verifying_ticket_keys(None).unwrap());
            let verifier = Verifier::new(published);
            for code in &codes {
                assert_eq!(verifier.verify(code).unwrap().booking, booking);
            }
            keys = signing;
        }
        let oldest =
            Tokens::new(&KeySettings::default().root(Some(&secret())).unwrap()).issue(&caller(), now);
        assert_eq!(Tokens::new(&keys.root(Some(&secret())).unwrap()).check(&oldest, now), None);
    }

    #[test]
    fn the_keys_of_persons_keep_their_order_and_begin_with_the_derived_one() {
        let derived = KeySettings::default().persons.tokens(Some(&secret())).unwrap();
        let (once, _) = after(&KeySettings::default());
        let (twice, _) = after(&once);
        let keys = |keys: &KeySettings| -> Vec<_> {
            keys.persons.tokens(None).unwrap().iter().map(TokenKey::reveal).collect()
        };
        assert_eq!(keys(&twice)[1..], keys(&once));
        assert_eq!(keys(&once)[1], derived[0].reveal());
        assert!(KeySettings::default().persons.listed().unwrap().is_none(), "in clear");
    }
}
