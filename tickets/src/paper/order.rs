//! Order of a line: from left to right, whichever way its scripts run (the Unicode Bidirectional Algorithm).

use krilla::text::TextDirection;
use unicode_bidi::{Direction, Level, ParagraphBidiInfo, get_base_direction};

use super::{
    fonts::{self, Run},
    ink::Weight,
};

/// Returns the level of a paragraph: that of its first letter with a direction.
pub(super) fn level_of(paragraph: &str) -> Level {
    if get_base_direction(paragraph) == Direction::Rtl { Level::rtl() } else { Level::ltr() }
}

/// Returns the runs of one line of a paragraph, from left to right.
pub(super) fn runs(line: &str, paragraph: Level, weight: Weight) -> Vec<Run<'_>> {
    if line.is_empty() {
        return Vec::new();
    }
    let bidi = ParagraphBidiInfo::new(line, Some(paragraph));
    let (levels, parts) = bidi.visual_runs(0..line.len());
    let mut runs = Vec::new();
    for part in parts {
        let start = runs.len();
        if levels[part.start].is_rtl() {
            runs.extend(fonts::runs(&line[part], TextDirection::RightToLeft, weight));
            runs[start..].reverse();
        } else {
            runs.extend(fonts::runs(&line[part], TextDirection::LeftToRight, weight));
        }
    }
    runs
}
