//! The fonts of tickets: Roboto for Latin, Greek and Cyrillic, Noto Sans for the other scripts. `fonts/noto.py` makes the latter.

use std::sync::LazyLock;

use krilla::text::Font;
use rustybuzz::UnicodeBuffer;

use super::ink::Weight;

/// A font with one weight.
pub(super) struct Face {
    pub font: Font,
    shapes: rustybuzz::Face<'static>,
}

/// Both weights of the fonts for some scripts.
struct Family {
    regular: Face,
    bold: Face,
}

macro_rules! family {
    ($name:literal) => {
        Family {
            regular: Face::new(include_bytes!(concat!("../../fonts/", $name, "-Regular.ttf"))),
            bold: Face::new(include_bytes!(concat!("../../fonts/", $name, "-Bold.ttf"))),
        }
    };
}

/// In the order in which they are asked for a letter.
static FAMILIES: LazyLock<[Family; 11]> = LazyLock::new(|| {
    [
        family!("Roboto"),
        family!("NotoSansDevanagari"),
        family!("NotoSansBengali"),
        family!("NotoSansTamil"),
        family!("NotoSansTelugu"),
        family!("NotoSansKannada"),
        family!("NotoSansMalayalam"),
        family!("NotoSansGujarati"),
        family!("NotoSansGurmukhi"),
        family!("NotoSansOriya"),
        family!("NotoSansArabic"),
    ]
});

impl Face {
    fn new(bytes: &'static [u8]) -> Self {
        const WHOLE: &str = "the embedded fonts are valid";
        let shapes = rustybuzz::Face::from_slice(bytes, 0).expect(WHOLE);
        Self { font: Font::new(bytes.into(), 0).expect(WHOLE), shapes }
    }

    fn has(&self, letter: char) -> bool {
        self.shapes.glyph_index(letter).is_some()
    }
}

impl Family {
    fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// Divides a text into runs of one font. A letter that no font has stays in its run, and is drawn as a box.
pub(super) fn runs(text: &str, weight: Weight) -> impl Iterator<Item = (&'static Face, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let face = face_of(first, weight).unwrap_or_else(|| FAMILIES[0].face(weight));
        let stays = |letter: char| is_joiner(letter) || face.has(letter) || face_of(letter, weight).is_none();
        let end =
            rest.char_indices().skip(1).find(|(_, letter)| !stays(*letter)).map_or(rest.len(), |(at, _)| at);
        let run;
        (run, rest) = rest.split_at(end);
        Some((face, run))
    })
}

fn face_of(letter: char, weight: Weight) -> Option<&'static Face> {
    FAMILIES.iter().map(|family| family.face(weight)).find(|face| face.has(letter))
}

/// Returns `true` for the characters that join or divide the letters around them, and have no shape of their own.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Width of a run, in font sizes: that of its joined and stacked letters, as they are drawn.
pub(super) fn shaped_width(face: &Face, run: &str) -> f32 {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(run);
    buffer.guess_segment_properties();
    let units: i32 =
        rustybuzz::shape(&face.shapes, &[], buffer).glyph_positions().iter().map(|at| at.x_advance).sum();
    #[expect(clippy::cast_precision_loss, reason = "a line is shorter than 2^23 units of a font")]
    let width = units as f32 / face.shapes.units_per_em() as f32;
    width
}
