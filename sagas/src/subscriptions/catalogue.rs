//! The generated cells of `docs/events.md`: each event with a link to its example, under the heading of its aggregate, and the
//! sagas that are subscribed to it. `UPDATE_DOCS=1` writes them.

use std::{collections::BTreeSet, env, fs, path::Path};

use super::{consumers, goldens, wire_type};

/// Cells of a row: event, meaning, fields, author, sagas, readers.
const CELLS: usize = 6;

/// The row of an event, if `line` is one.
fn cells(line: &str) -> Option<[&str; CELLS]> {
    let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let cells: Vec<&str> = row.split(" | ").collect();
    cells.try_into().ok().filter(|[event, ..]: &[&str; CELLS]| event.contains('`'))
}

/// The event type in the first cell of a row.
fn event_type(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap_or_default()
}

/// The sagas that are subscribed to an event. A note in parentheses behind a saga is written by hand and kept.
fn sagas(event_type: &str, written: &str) -> String {
    let subscribed = consumers().into_iter().filter(|(durable, _)| durable.events.contains(&event_type));
    let named = subscribed.map(|(durable, _)| {
        let saga = format!("`{}`", durable.name);
        let note = written.split_once(&saga).map_or("", |(_, rest)| rest);
        let end = note.find(')').filter(|_| note.starts_with(" ("));
        saga + end.map_or("", |end| &note[..=end])
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() { "—".to_owned() } else { named.join(", ") }
}

fn generated(document: &str) -> String {
    let mut aggregate = "";
    let mut lines = Vec::new();
    for line in document.lines() {
        aggregate = line.strip_prefix("## ").unwrap_or(aggregate);
        lines.push(match cells(line) {
            Some([event, meaning, fields, author, written, readers]) => {
                let event = event_type(event);
                let example = format!("../domain/tests/golden/{aggregate}/{event}.json");
                let sagas = sagas(event, written);
                format!("| [`{event}`]({example}) | {meaning} | {fields} | {author} | {sagas} | {readers} |")
            }
            None => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_catalogue_of_events_has_the_current_examples_and_sagas() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.md");
    let document = generated(&fs::read_to_string(&kept).unwrap());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&kept, &document).unwrap();
    }
    let known = fs::read_to_string(&kept).unwrap();
    assert!(known == document, "docs/events.md is outdated: run this test with UPDATE_DOCS=1");

    let link = |line| Some(cells(line)?[0].to_owned());
    let linked: Vec<String> = known.lines().filter_map(link).collect();
    let golden = goldens().into_iter().map(|golden| {
        let (aggregate, event) = (&*golden.aggregate, wire_type(&golden.event));
        format!("[`{event}`](../domain/tests/golden/{aggregate}/{event}.json)")
    });
    let golden: BTreeSet<String> = golden.collect();
    assert_eq!(linked.len(), golden.len(), "one row per event");
    assert_eq!(linked.into_iter().collect::<BTreeSet<_>>(), golden);
}
