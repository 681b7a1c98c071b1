//! The pages about security and reliability name tests that exist: `path.rs`: `name`, `name`. Each item and each finding of a
//! review has one row, and no section occurs twice.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/security.md");
const RELIABILITY: &str = include_str!("../../docs/reliability.md");

/// Checks that the tests which a page names exist. Returns their number.
fn named_tests(page: &str) -> usize {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a folder of the workspace");
    let (mut before, mut file, mut named) = (None, None, 0);
    let pieces: Vec<&str> = page.split('`').collect();
    for pair in pieces.chunks(2) {
        let [between, quoted] = pair else { break };
        file = match *between {
            ": " => before,
            ", " => file,
            _ => None,
        };
        if let Some(path) = file {
            let source = fs::read_to_string(root.join(path)).unwrap_or_default();
            assert!(source.contains(&format!("fn {quoted}(")), "{path} has no test {quoted}");
            named += 1;
        }
        let is_file = Path::new(quoted).extension().is_some_and(|extension| extension == "rs");
        before = is_file.then_some(*quoted);
    }
    named
}

#[test]
fn every_test_that_the_pages_name_exists() {
    for (page, least) in [(PAGE, 250), (RELIABILITY, 80)] {
        let named = named_tests(page);
        assert!(named > least, "{named} tests were found");
    }
}

/// Rows of a page that begin with this cell.
fn rows<'a>(page: &'a str, cell: &str) -> Vec<&'a str> {
    page.lines().filter(|line| line.starts_with(&format!("| {cell} |"))).collect()
}

#[test]
fn every_finding_of_a_review_has_a_row_with_a_test_or_a_reason() {
    let (_, core_page) =
        RELIABILITY.split_once("## Findings of the review of the core").expect("the section");
    let (core_page, _) = core_page.split_once("\n## ").expect("a section after it");
    let (by_reading, live) = ((1..=40).map(|n| format!("S{n}")), (1..=17).map(|n| format!("N{n}")));
    let core = (1..=25).map(|n| n.to_string()).chain(('a'..='m').map(|letter| format!("26{letter}")));
    let findings = by_reading.chain(live).map(|finding| (PAGE, finding));
    for (page, finding) in findings.chain(core.map(|finding| (core_page, finding))) {
        let [row] = rows(page, &finding)[..] else { panic!("one row for {finding}") };
        assert!(!row.ends_with("| — |") || row.contains("**Accepted**"), "{row}");
    }
}

#[test]
fn every_quota_has_a_reason_for_its_default() {
    let sample = include_str!("../../deploy/ticketshow.env.example");
    let manual = include_str!("../../docs/operations.md");
    let settings =
        sample.lines().filter_map(|line| line.strip_prefix('#')?.split_once('=')).map(|(name, _)| name);
    let quotas: Vec<&str> =
        settings.filter(|name| name.contains("_PER_") && name.starts_with("TICKETSHOW_")).collect();
    assert!(quotas.len() > 20, "{quotas:?}");
    for quota in quotas {
        let is_size = quota == "TICKETSHOW_LAPSES_PER_COMMIT";
        let is_explained =
            PAGE.contains(&format!("\n| `{quota}` |")) || manual.contains(&format!("| `{quota}`, "));
        assert!(is_size || is_explained, "{quota}");
    }
}

#[test]
fn the_security_page_has_one_row_per_item_and_no_section_twice() {
    let items = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.split([' ', ',']).next());
    let items = items.filter(|item| item.split('.').all(|part| part.parse::<u8>().is_ok()));
    let mut known = HashSet::new();
    for item in items {
        assert!(known.insert(item), "{item} has two rows");
    }
    assert!(known.len() > 150, "{} rows were found", known.len());
    for title in PAGE.lines().filter(|line| line.starts_with('#')) {
        assert!(known.insert(title), "{title} occurs twice");
    }
}
