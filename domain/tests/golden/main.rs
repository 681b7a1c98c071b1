//! The promise of the log: each event is written exactly as its golden file says, and every golden file stays readable.
//! A golden file is never edited: a changed shape is a new version of the event (see `WireEvent`).
//!
//! The states that the examples lead to are kept too, one file per aggregate and `STATE_FORMAT`: snapshots of a running
//! installation have that form. A state or an `evolve` that changes needs a higher `STATE_FORMAT` and a new file in place of
//! the old one; `UPDATE_STATES=1` writes it.

mod examples;
mod words;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::value::RawValue;
use ticketshow_domain::{AnyEvent, Decider, WireEvent, WireRef, decode};

use examples::{
    account, booking, invoices, payment, promotion, screen, screening, show, till, venue, wallet,
};

fn folder(aggregate: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(aggregate)
}

fn files(aggregate: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(aggregate)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("the folder can be read").file_name());
    names.map(|name| name.into_string().expect("names are plain")).collect()
}

/// Endings of the files of an event, in the order in which its forms came up.
const FORMS: [&str; 5] = ["", ".later", ".latest", ".newest", ".fifth"];

/// Writes each example as the log does, and reads its golden file as the log's readers do.
fn check<A: Decider>(examples: &[A::Event], of_any: fn(A::Event) -> AnyEvent) {
    let mut expected = BTreeSet::new();
    for example in examples {
        let base = match A::Event::current_version(example.wire_type()) {
            1 => example.wire_type().to_owned(),
            version => format!("{}.v{version}", example.wire_type()),
        };
        let is_new = |form: &&&str| !expected.contains(&format!("{base}{form}.json"));
        let form = FORMS.iter().find(is_new).expect("there are more forms than names for them");
        let (name, old) = (format!("{base}{form}.json"), format!("{}{form}.json", example.wire_type()));
        if old != name && folder(A::TYPE).join(&old).exists() {
            // Version 1 of the same event.
            let golden = fs::read_to_string(folder(A::TYPE).join(&old)).expect("it is there");
            let raw: Box<RawValue> = serde_json::from_str(&golden).expect("it is JSON");
            assert_eq!(&decode::<A::Event>(&raw).expect("it is known"), example, "{old}");
            expected.insert(old);
        }
        let golden =
            fs::read_to_string(folder(A::TYPE).join(&name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(laid_out(example), golden, "{}/{name}", A::TYPE);

        let raw: Box<RawValue> = serde_json::from_str(&golden).expect("it is JSON");
        assert_eq!(&decode::<A::Event>(&raw).expect("it is known"), example, "{name}");
        assert_eq!(AnyEvent::decode(A::TYPE, &raw).expect("it is known"), of_any(example.clone()), "{name}");
        assert!(AnyEvent::knows(A::TYPE, example.wire_type()), "{name}");
        assert!(!AnyEvent::knows("another", example.wire_type()), "{name}: types are those of one aggregate");
        let tagged: serde_json::Value = serde_json::from_str(&golden).expect("it is JSON");
        assert_eq!(tagged["type"], example.wire_type(), "the tag of serde and the type of the wire");
        expected.insert(name);
    }
    assert_eq!(files(A::TYPE), expected, "one golden file for each form of the events of {}", A::TYPE);
}

/// Returns an event as the log stores it, with line breaks. Its data are laid out by serde, and must be what [`WireRef`] wrote.
fn laid_out<E: WireEvent>(event: &E) -> String {
    let stored = serde_json::to_string(&WireRef::new(event)).expect("it can be written");
    let (head, data) = stored.split_once(r#","data":"#).expect("data come last");
    let tag = event.wire_type();
    let compact = serde_json::to_string(event).expect("it can be written");
    assert_eq!(format!(r#"{{"{tag}":{data}"#), compact, "the data of the log are those of serde");
    let laid_out = serde_json::to_string_pretty(event).expect("it can be written");
    let data = laid_out.strip_prefix(&format!("{{\n  \"{tag}\": ")).expect("the tag comes first");
    let head = head.replacen('{', "{\n  ", 1).replace("\":", "\": ").replace(',', ",\n  ");
    format!("{head},\n  \"data\": {data}\n")
}

/// Snapshots are states in postcard: every state that a history leads to must survive a round trip.
fn check_snapshots<A: Decider + PartialEq + std::fmt::Debug>(history: &[A::Event]) {
    let mut state = A::default();
    for event in history {
        state.evolve(event);
        let bytes = postcard::to_allocvec(&state).expect("it can be written");
        assert_eq!(postcard::from_bytes::<A>(&bytes).expect("it can be read"), state, "after {event:?}");
    }
}

fn states_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/states")
}

/// Compares the states after each example with the stored ones, which a program of the same format wrote. Returns the name
/// of their file.
fn check_states<A: Decider + PartialEq + std::fmt::Debug>(history: &[A::Event]) -> String {
    let mut state = A::default();
    let after_each = |event| {
        state.evolve(event);
        state.clone()
    };
    let states: Vec<A> = history.iter().map(after_each).collect();
    let name = format!("{}-{}.postcard", A::TYPE, A::STATE_FORMAT);
    let path = states_folder().join(&name);
    if std::env::var_os("UPDATE_STATES").is_some() && !path.exists() {
        fs::write(&path, postcard::to_allocvec(&states).expect("it can be written"))
            .expect("the folder is there");
    }
    let stored = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}; see the top of this file"));
    let read = postcard::take_from_bytes::<Vec<A>>(&stored);
    let (stored, rest) = read.unwrap_or_else(|error| panic!("raise STATE_FORMAT of {}: {error}", A::TYPE));
    assert_eq!(stored, states, "raise STATE_FORMAT of {}", A::TYPE);
    assert!(rest.is_empty(), "raise STATE_FORMAT of {}", A::TYPE);
    name
}

fn check_catalogue<E: WireEvent>(catalogue: &str, examples: &[E]) {
    for example in examples {
        let start = format!("| [`{}`](", example.wire_type());
        let rows: Vec<_> = catalogue.lines().filter(|line| line.starts_with(&start)).collect();
        let [row] = rows[..] else { panic!("one row for {}", example.wire_type()) };
        let written = serde_json::to_value(WireRef::new(example)).expect("it can be written");
        for field in written["data"].as_object().expect("data is an object").keys() {
            assert!(row.contains(&format!("`{field}`")), "{} does not list {field}", example.wire_type());
        }
    }
}

macro_rules! golden {
    ($($module:ident $state:ident)+) => {
        #[test]
        fn every_event_is_written_as_its_golden_file_says_and_read_back() {
            $(check::<ticketshow_domain::$module::$state>(&$module(), AnyEvent::$state);)+
        }

        #[test]
        fn every_state_survives_a_snapshot() {
            $(check_snapshots::<ticketshow_domain::$module::$state>(&$module());)+
        }

        #[test]
        fn a_changed_state_has_another_format() {
            let names = [$(check_states::<ticketshow_domain::$module::$state>(&$module())),+];
            let files = fs::read_dir(states_folder()).expect("the folder is there");
            let files = files.map(|file| file.expect("the folder can be read").file_name().into_string());
            let files: BTreeSet<_> = files.map(|name| name.expect("names are plain")).collect();
            assert_eq!(files, names.into(), "one file per aggregate, of its current format");
        }

        #[test]
        fn every_event_and_its_fields_are_in_the_catalogue() {
            let catalogue = include_str!("../../../docs/events.md");
            $(check_catalogue(catalogue, &$module());)+
        }

        #[test]
        fn every_aggregate_has_its_folder() {
            let folders = fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap());
            let folders = folders.filter(|entry| entry.path().is_dir());
            let folders: BTreeSet<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
            let types = [$(<ticketshow_domain::$module::$state as Decider>::TYPE),+];
            assert_eq!(folders, types.map(str::to_owned).into());
        }
    };
}

golden! {
    account Account
    show Show
    venue Venue
    screen Screen
    screening Screening
    booking Booking
    payment Payment
    wallet Wallet
    till Till
    invoices Invoices
    promotion Promotion
}
