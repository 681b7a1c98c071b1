//! Messages in the log that were not written by our code.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};

use crate::log::envelope::Commit;

const SUBJECT: &str = "tix.wallet.00000000-0000-0000-0000-000000000001";
const COMMIT: &str = r#"{"commit":"00000000-0000-0000-0000-000000000002","aggregate":"wallet",
    "id":"00000000-0000-0000-0000-000000000001","first_version":18446744073709551613,
    "commands":[{"time":"2026-01-01T00:00:00Z","actor":"system","correlation":"00000000-0000-0000-0000-000000000003",
    "events":1}],"events":[{"version":1,"type":"wallet_credited","data":{"customer":"00000000-0000-0000-0000-000000000001",
    "reference":"credit:00000000-0000-0000-0000-000000000004","amount":{"amount_minor":9223372036854775807,"currency":"INR"},
    "balance_after_minor":9223372036854775807,"booking":null,"reason":null}}]}"#;

/// Reads every part of a message that readers use.
fn read(payload: &[u8]) -> bool {
    let Ok(commit) = Commit::parse(7, SUBJECT, Bytes::copy_from_slice(payload)) else { return false };
    let decoded = commit.events();
    assert!(commit.last_version() >= commit.len() as u64 - u64::from(!commit.is_empty()));
    assert!(commit.event_types().count() <= commit.len());
    decoded.is_ok_and(|events| events.len() <= commit.len())
}

#[test]
fn no_bytes_make_a_reader_panic() {
    assert!(read(COMMIT.as_bytes()), "the example is a commit");
    let edits = vec((any::<Index>(), prop_oneof![any::<u8>(), b'0'..=b'9']), 1..6);
    let changed = (edits, any::<Index>(), any::<bool>()).prop_map(|(edits, end, whole)| {
        let mut payload = COMMIT.as_bytes().to_vec();
        for (place, byte) in edits {
            let place = place.index(payload.len());
            payload[place] = byte;
        }
        payload.truncate(if whole { payload.len() } else { end.index(payload.len()) });
        payload
    });
    let payloads = prop_oneof![1 => vec(any::<u8>(), 0..300), 4 => changed];
    let run = TestRunner::deterministic().run(&payloads, |payload| {
        read(&payload);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn a_commit_without_a_version_is_none() {
    let without_events = COMMIT.replace(r#""first_version":18446744073709551613"#, r#""first_version":0"#);
    let (start, _) = without_events.split_once(r#""events":[{"version""#).unwrap();
    assert!(!read(format!(r#"{start}"events":[]}}"#).as_bytes()));
    assert!(!read(COMMIT.replace("551613", "551615").as_bytes()));
}
