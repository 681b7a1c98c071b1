//! Rooms as they are: own numbers, gaps, companions, curves, levels and standing areas.

use super::*;

/// Row A is numbered from the right with odd numbers, and lacks a seat in the middle.
fn odd() -> Row {
    Row { numbers: vec![7, 5, 3, 1], gaps: vec![Gap { after: 5, width: 1 }], ..row("A", "gold", 4) }
}

fn flaws_of(row: Row) -> Vec<String> {
    pointers(&Layout { rows: vec![row] })
}

const NONE: [&str; 0] = [];

#[test]
fn own_numbers_name_the_seats_from_left_to_right() {
    let hall = Layout { rows: vec![odd(), row("B", "silver", 2)] };
    assert_eq!(pointers(&hall), NONE);
    let names: Vec<_> = (0..6).map(|index| hall.name(index).unwrap().0).collect();
    assert_eq!(names, ["A-7", "A-5", "A-3", "A-1", "B-1", "B-2"]);
    for (index, name) in (0..).zip(names) {
        assert_eq!(hall.find(&SeatName(name)).map(|(found, _)| found), Some(index));
    }
    for missing in ["A-2", "A-4", "A-8", "A-0", "B-3"] {
        assert_eq!(hall.find(&SeatName(missing.into())), None, "{missing}");
    }
    assert_eq!(hall.rows[0].seat_numbers().collect::<Vec<_>>(), [7, 5, 3, 1]);
    assert_eq!(hall.rows[1].seat_numbers().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn there_is_one_number_from_1_to_9999_for_each_seat() {
    let with = |numbers: &[u16]| flaws_of(Row { numbers: numbers.to_vec(), ..row("A", "gold", 3) });
    assert_eq!(with(&[1, 9_999, 2]), NONE);
    for numbers in [&[1, 10_000, 2][..], &[0, 1, 2], &[1, 2, 2], &[1, 2], &[1, 2, 3, 4]] {
        assert_eq!(with(numbers), ["/layout/rows/0/numbers"], "{numbers:?}");
    }
}

#[test]
fn marks_name_seats_by_their_numbers() {
    let mut row = odd();
    (row.accessible, row.aisles_after) = (vec![7], vec![3]);
    let hall = Layout { rows: vec![row.clone()] };
    assert_eq!(pointers(&hall), NONE);
    assert!(hall.is_accessible(0) && !hall.is_accessible(1));
    assert!(!row.is_broken_after(0), "7 and 5 are side by side");
    assert!(row.is_broken_after(1), "a gap is to the right of 5");
    assert!(row.is_broken_after(2), "an aisle is to the right of 3");
    row.accessible = vec![2];
    assert_eq!(flaws_of(row), ["/layout/rows/0/accessible"]);
}

#[test]
fn gaps_are_1_to_100_seats_wide_and_after_one_seat_each() {
    let with = |gaps: &[(u16, u16)]| {
        let gaps = gaps.iter().map(|(after, width)| Gap { after: *after, width: *width }).collect();
        flaws_of(Row { gaps, ..odd() })
    };
    assert_eq!(with(&[(0, 1), (7, 100), (1, 2)]), NONE);
    for gaps in [[(0, 0), (7, 1)], [(0, 101), (7, 1)], [(0, 1), (2, 1)], [(7, 1), (7, 2)], [(0, 1), (0, 1)]] {
        assert_eq!(with(&gaps), ["/layout/rows/0/gaps"], "{gaps:?}");
    }
    let long = |gaps: u16| Row {
        gaps: (0..gaps).map(|after| Gap { after, width: 1 }).collect(),
        ..row("A", "gold", 200)
    };
    assert_eq!(flaws_of(long(100)), NONE);
    assert_eq!(flaws_of(long(101)), ["/layout/rows/0/gaps"]);
}

#[test]
fn companions_are_beside_accessible_seats() {
    let with =
        |companions: &[u16]| flaws_of(Row { accessible: vec![5], companions: companions.to_vec(), ..odd() });
    assert_eq!(with(&[7, 3]), NONE);
    for companions in [&[1][..], &[5], &[2], &[7, 7]] {
        assert_eq!(with(companions), ["/layout/rows/0/companions"], "{companions:?}");
    }
    let (first, last) = (vec![1], vec![10]);
    let both = Row { accessible: vec![2, 9], ..row("A", "gold", 10) };
    assert_eq!(flaws_of(Row { companions: first, ..both.clone() }), NONE);
    assert_eq!(flaws_of(Row { companions: last, ..both }), NONE);
}

#[test]
fn a_row_bends_by_20_seats_at_most() {
    assert_eq!(flaws_of(Row { curve: 20, ..odd() }), NONE);
    assert_eq!(flaws_of(Row { curve: 21, ..odd() }), ["/layout/rows/0/curve"]);
}

#[test]
fn rows_of_a_level_are_together_and_there_are_10_levels_at_most() {
    let on =
        |label: &str, level: Option<&str>| Row { level: level.map(str::to_owned), ..row(label, "gold", 1) };
    let (stalls, balcony) = (Some("Stalls"), Some("Balcony"));
    let house = |levels: &[Option<&str>]| Layout {
        rows: levels.iter().enumerate().map(|(index, level)| on(&index.to_string(), *level)).collect(),
    };
    let hall = house(&[None, stalls, stalls, balcony]);
    assert_eq!((pointers(&hall), hall.levels()), (vec![], vec!["Stalls", "Balcony"]));
    assert_eq!(pointers(&house(&[stalls, balcony, stalls])), ["/layout/rows/2/level"]);
    assert_eq!(pointers(&house(&[None, balcony, None])), ["/layout/rows/2/level"]);

    let names: Vec<String> = (0..11).map(|level| format!("Level {level}")).collect();
    let levels: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    assert_eq!(pointers(&house(&levels[..10])), NONE);
    assert_eq!(pointers(&house(&levels)), ["/layout/rows"]);

    let long = "x".repeat(30);
    assert_eq!(pointers(&house(&[Some(&long)])), NONE);
    let longer = "x".repeat(31);
    for level in [longer.as_str(), " ", ""] {
        assert_eq!(pointers(&house(&[Some(level)])), ["/layout/rows/0/level"], "{level:?}");
    }
}

#[test]
fn a_standing_area_has_up_to_9999_places_and_nothing_that_belongs_to_a_row() {
    let area = |seats| Row { standing: true, ..row("PIT", "standing", seats) };
    assert_eq!(flaws_of(area(1)), NONE);
    assert_eq!(flaws_of(area(9_999)), NONE);
    assert_eq!(flaws_of(area(0)), ["/layout/rows/0/seats"]);
    assert_eq!(flaws_of(area(10_000)), ["/layout/rows/0/seats"]);
    let hall = Layout { rows: vec![area(3), row("A", "gold", 1)] };
    assert_eq!(hall.name(2), Some(SeatName("PIT-3".into())));
    assert_eq!(hall.find(&SeatName("A-1".into())).map(|(index, _)| index), Some(3));

    let crowded = Row {
        aisles_after: vec![1],
        accessible: vec![1],
        numbers: vec![3, 2, 1],
        gaps: vec![Gap { after: 1, width: 1 }],
        companions: vec![2],
        curve: 1,
        ..area(3)
    };
    let fields = ["aisles_after", "accessible", "numbers", "gaps", "companions", "curve"];
    assert_eq!(flaws_of(crowded), fields.map(|field| format!("/layout/rows/0/{field}")));
}

#[test]
fn a_layout_that_does_not_fit_into_a_commit_is_refused() {
    let numbered = |rows: usize| Layout {
        rows: (0..rows)
            .map(|index| Row { numbers: (9_000..9_900).collect(), ..row(&index.to_string(), "gold", 900) })
            .collect(),
    };
    let bytes = |rows| serde_json::to_string(&numbered(rows)).unwrap().len();
    let most = (1..1_000).find(|rows| bytes(rows + 1) > LAYOUT_BYTES_MAX).unwrap();
    assert_eq!(pointers(&numbered(most)), NONE);
    assert_eq!(pointers(&numbered(most + 1)), ["/layout/rows"]);
}

#[test]
fn what_a_row_does_not_have_is_not_written() {
    let plain = serde_json::to_string(&row("A", "gold", 2)).unwrap();
    let expected = r#"{"label":"A","category":"gold","seats":2,"aisles_after":[],"accessible":[]}"#;
    assert_eq!(plain, expected);
    let level = Some("Stalls".to_owned());
    let full = Row { companions: vec![7], accessible: vec![5], curve: 3, level, ..odd() };
    for row in [full, Row { standing: true, ..row("PIT", "gold", 9) }, row("A", "gold", 2)] {
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<Row>(&json).unwrap(), row, "{json}");
        let bytes = postcard::to_allocvec(&row).unwrap();
        assert_eq!(postcard::from_bytes::<Row>(&bytes).unwrap(), row);
    }
}
