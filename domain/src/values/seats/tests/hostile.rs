//! Layouts of any kind.

use std::cell::Cell;

use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use super::*;

fn rows() -> impl Strategy<Value = Row> {
    let label = prop_oneof![4 => "[A-C]", 1 => "[A-Z0-9]{1,5}", 1 => any::<String>()];
    let category = prop_oneof![4 => "(gold|silver)", 1 => any::<String>()];
    let seats = prop_oneof![4 => 1..30_u16, 1 => any::<u16>()];
    let marks = || vec(prop_oneof![3 => 1..12_u16, 1 => any::<u16>()], 0..4);
    // Numbers in any order, often as many as there are seats.
    let numbers = prop_oneof![2 => Just(vec![]), 1 => Just((1..=9_u16).collect::<Vec<_>>()).prop_shuffle(), 1 => marks()];
    let gap = (prop_oneof![4 => 0..10_u16, 1 => any::<u16>()], prop_oneof![4 => 1..9_u16, 1 => any::<u16>()]);
    let gaps = vec(gap.prop_map(|(after, width)| Gap { after, width }), 0..3);
    let level = prop_oneof![3 => Just(None), 1 => "(Stalls|Balcony)".prop_map(Some)];
    let standing = prop_oneof![3 => Just(false), 1 => Just(true)];
    let row = (label, category, seats, marks(), marks());
    (row, numbers, gaps, level, standing).prop_map(|(row, numbers, gaps, level, standing)| {
        let (label, category, mut seats, aisles_after, accessible) = row;
        if numbers.len() == 9 {
            seats = 9;
        }
        Row {
            label,
            category,
            seats,
            aisles_after,
            accessible,
            numbers,
            gaps,
            level,
            standing,
            ..Row::default()
        }
    })
}

#[test]
fn each_seat_of_an_accepted_layout_has_one_name() {
    let layouts = vec(rows(), 0..6).prop_map(|rows| Layout { rows });
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let run = TestRunner::deterministic().run(&layouts, |layout| {
        if layout.check("/layout").is_err() {
            refused.set(refused.get() + 1);
            return Ok(());
        }
        accepted.set(accepted.get() + 1);
        let mut names = HashSet::new();
        for index in (0..).take(layout.capacity()) {
            let name = layout.name(index).unwrap();
            prop_assert_eq!(layout.find(&name).map(|(found, _)| found), Some(index));
            prop_assert!(names.insert(name));
        }
        Ok(())
    });
    run.unwrap();
    assert!(accepted.get() > 0 && refused.get() > 0, "{accepted:?} {refused:?}");
}
