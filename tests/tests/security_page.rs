//! The page about security has one row per item and no section twice, and names tests that exist:
//! `path.rs`: `name`, `name`.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/security.md");

#[test]
fn every_test_that_the_security_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut before, mut file, mut named) = (None, None, 0);
    let pieces: Vec<&str> = PAGE.split('`').collect();
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
    assert!(named > 150, "{named} tests were found");
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
