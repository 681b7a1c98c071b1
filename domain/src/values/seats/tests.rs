//! Layouts.

mod hostile;
mod rooms;

use super::*;

fn row(label: &str, category: &str, seats: u16) -> Row {
    let (label, category) = (label.to_owned(), category.to_owned());
    Row { label, category, seats, ..Row::default() }
}

fn hall() -> Layout {
    Layout { rows: vec![row("A", "gold", 3), row("B", "silver", 2), row("C", "gold", 1)] }
}

fn pointers(layout: &Layout) -> Vec<String> {
    let Err(Flaws(flaws)) = layout.check("/layout") else { return vec![] };
    flaws.into_iter().map(|flaw| flaw.pointer).collect()
}

#[test]
fn a_status_and_its_byte_convert_both_ways() {
    let all = [(SeatStatus::Free, 0), (SeatStatus::Held, 1), (SeatStatus::Sold, 2), (SeatStatus::Blocked, 3)];
    for (status, byte) in all {
        assert_eq!(status.as_byte(), byte);
        assert_eq!(SeatStatus::from_byte(byte), Some(status));
    }
    for other in 4..=u8::MAX {
        assert_eq!(SeatStatus::from_byte(other), None);
    }
}

#[test]
fn seats_are_numbered_row_by_row() {
    let names: Vec<_> = (0..7).map(|index| hall().name(index).map(|name| name.0)).collect();
    let expected = ["A-1", "A-2", "A-3", "B-1", "B-2", "C-1"].map(|name| Some(name.to_owned()));
    assert_eq!(names[..6], expected);
    assert_eq!(names[6], None, "there are six seats");
}

#[test]
fn a_name_leads_back_to_its_number() {
    let hall = hall();
    for index in 0..6 {
        let name = hall.name(index).unwrap();
        assert_eq!(hall.find(&name).map(|(found, _)| found), Some(index));
    }
}

#[test]
fn a_seat_has_a_level_where_the_room_has_several() {
    let with = |levels: [Option<&str>; 2]| {
        let mut layout = hall();
        layout.rows.truncate(2);
        for (row, level) in layout.rows.iter_mut().zip(levels) {
            row.level = level.map(str::to_owned);
        }
        let names = layout.rows.iter().map(|row| SeatName(format!("{}-1", row.label)));
        names.map(|seat| layout.level_of(&seat).map(str::to_owned)).collect::<Vec<_>>()
    };
    let balcony = || Some("Balcony".to_owned());
    assert_eq!(with([Some("Stalls"), Some("Balcony")]), [Some("Stalls".to_owned()), balcony()]);
    assert_eq!(with([None, Some("Balcony")]), [None, balcony()]);
    assert_eq!(with([Some("Balcony"), Some("Balcony")]), [None, None], "there is nothing to tell apart");
    assert_eq!(hall().level_of(&SeatName("ZZ-1".to_owned())), None);
}

#[test]
fn only_the_plain_name_names_a_seat() {
    for name in ["A-0", "A-4", "A-01", "A-+1", "A-", "A", "D-1", "a-1", "A-1 ", "A-99999", ""] {
        assert_eq!(hall().find(&SeatName(name.into())), None, "{name:?}");
    }
}

#[test]
fn a_row_has_1_to_1000_seats() {
    for (seats, flaws) in [(0, 1), (1, 0), (1_000, 0), (1_001, 1)] {
        let layout = Layout { rows: vec![row("A", "gold", seats)] };
        assert_eq!(pointers(&layout).len(), flaws, "{seats} seats");
    }
}

#[test]
fn a_layout_has_1_to_1000_rows_and_no_more_than_250_000_seats() {
    let of = |rows: usize, seats| Layout {
        rows: (0..rows).map(|index| row(&index.to_string(), "gold", seats)).collect(),
    };
    assert_eq!(pointers(&of(0, 1)), ["/layout/rows"]);
    assert_eq!(pointers(&of(250, 1_000)), [""; 0]);
    assert_eq!(pointers(&of(251, 1_000)), ["/layout/rows"]);
    assert_eq!(pointers(&of(1_000, 1)), [""; 0]);
    assert_eq!(pointers(&of(1_001, 1)), ["/layout/rows"]);
}

#[test]
fn all_flaws_of_a_layout_are_reported_at_once() {
    let mut layout = hall();
    layout.rows[0].label = "a".into();
    layout.rows[1].label = "C".into();
    layout.rows[1].aisles_after = vec![1, 1];
    layout.rows[2].accessible = vec![2];
    layout.rows[2].category = " ".into();
    let expected = [
        "/layout/rows/0/label",
        "/layout/rows/1/aisles_after",
        "/layout/rows/2/label",
        "/layout/rows/2/category",
        "/layout/rows/2/accessible",
    ];
    assert_eq!(pointers(&layout), expected);
}

#[test]
fn the_largest_layout_fits_into_a_commit() {
    let categories: Vec<String> = ('a'..='t').map(|c| format!("{}{c}", "\u{1F3AB}".repeat(19))).collect();
    let rows = (0..ROWS_MAX).map(|index| Row {
        label: format!("R{index}"),
        category: categories[index % CATEGORIES_MAX].clone(),
        seats: 250,
        aisles_after: (241..=245).collect(),
        accessible: (246..=250).collect(),
        ..Row::default()
    });
    let layout = Layout { rows: rows.collect() };
    // Larger than a request may be: stored layouts of older versions have no other limit than that of requests.
    assert_eq!(pointers(&layout), ["/layout/rows"]);
    let layout = Layout { rows: layout.rows.into_iter().take(500).collect() };
    assert_eq!(layout.check(""), Ok(()));
    assert!(serde_json::to_string(&layout).unwrap().len() < LAYOUT_BYTES_MAX);
}
