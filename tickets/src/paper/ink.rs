//! Drawing on a page: two weights of text in the scripts that the fonts have, a few colours, lines.

use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Rect, Transform},
    num::NormalizedF32,
    paint::{Fill, FillRule, LineJoin, Stroke, StrokeDash},
    surface::Surface,
};
use unicode_bidi::Level;

use super::{
    breaks,
    fonts::Run,
    order::{level_of, runs},
};
use crate::Qr;

/// Line height, in font sizes.
const LEADING: f32 = 1.28;
/// The same for scripts that stack letters.
const LEADING_STACKED: f32 = 1.56;
/// Width of the line around the letters of a regular font that stands for a bold one, in font sizes.
const THICKENED: f32 = 0.03;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Night,
    Gold,
    White,
    Pale,
    Grey,
    Mist,
    Black,
}

impl Colour {
    fn rgb(self) -> rgb::Color {
        let (red, green, blue) = match self {
            Self::Night => (27, 23, 48),
            Self::Gold => (232, 176, 74),
            Self::White => (255, 255, 255),
            Self::Pale => (190, 184, 214),
            Self::Grey => (104, 100, 120),
            Self::Mist => (243, 241, 248),
            Self::Black => (0, 0, 0),
        };
        rgb::Color::new(red, green, blue)
    }
}

/// Style of a text; `size` in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub weight: Weight,
    pub size: f32,
    pub colour: Colour,
}

impl Style {
    /// Width of a text in one line, in points.
    fn width(self, text: &str) -> f32 {
        runs(text, level_of(text), self.weight).iter().map(Run::width).sum::<f32>() * self.size
    }

    /// Breaks a text into lines between words, in Chinese and Japanese between characters, and within a word that is too long
    /// for a line.
    pub fn lines(self, text: &str, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let mut gap = " ";
            for part in breaks::parts(word) {
                if !self.append(&mut lines, gap, part, width) {
                    if lines.last().is_some_and(|line| !line.is_empty()) {
                        lines.push(String::new());
                    }
                    for letter in breaks::letters(part) {
                        // Joined letters without an end are cut anywhere.
                        let is_too_wide = self.width(letter) > width;
                        for piece in letter.split_inclusive(|_: char| is_too_wide) {
                            if !self.append(&mut lines, "", piece, width) {
                                lines.push(piece.to_owned());
                            }
                        }
                    }
                }
                gap = "";
            }
        }
        lines
    }

    /// Appends a piece of text to the last line, after a gap unless the line is empty. Returns `false` if there is no room; an empty
    /// line has room for any one character.
    fn append(self, lines: &mut [String], gap: &str, piece: &str, width: f32) -> bool {
        let line = lines.last_mut().expect("there is always a line");
        let joined = if line.is_empty() { piece.to_owned() } else { format!("{line}{gap}{piece}") };
        let has_room = self.width(&joined) <= width || joined.chars().nth(1).is_none();
        if has_room {
            *line = joined;
        }
        has_room
    }

    /// Distance from one line of a text to the next, in points.
    pub fn leading(self, text: &str) -> f32 {
        self.size * if text.contains(is_stacked) { LEADING_STACKED } else { LEADING }
    }
}

/// A page being drawn. Positions are in points from the top left; those of texts are on the baseline.
pub(super) struct Ink<'a>(Surface<'a>);

impl<'a> Ink<'a> {
    pub fn on(surface: Surface<'a>) -> Self {
        Self(surface)
    }

    pub fn finish(self) {
        self.0.finish();
    }

    /// Draws with the origin moved to the right.
    pub fn moved(&mut self, right: f32, draw: impl FnOnce(&mut Self)) {
        self.0.push_transform(&Transform::from_translate(right, 0.0));
        draw(self);
        self.0.pop();
    }

    /// Draws one line, without a width limit.
    pub fn line(&mut self, at: (f32, f32), text: &str, style: Style) {
        self.line_of(level_of(text), at, text, style);
    }

    /// Draws one line of a paragraph, without a width limit.
    fn line_of(&mut self, paragraph: Level, (x, y): (f32, f32), text: &str, style: Style) {
        let mut x = x;
        for run in runs(text, paragraph, style.weight) {
            self.fill(style.colour);
            if run.face.is_thickened {
                let (paint, width) = (style.colour.rgb().into(), style.size * THICKENED);
                let line = Stroke { paint, width, line_join: LineJoin::Round, ..Stroke::default() };
                self.0.set_stroke(Some(line));
            }
            let start = Point::from_xy(x, y);
            self.0.draw_text(start, run.face.font.clone(), style.size, run.text, false, run.direction);
            x += run.width() * style.size;
        }
    }

    /// Draws one line that ends at a position.
    pub fn line_ending(&mut self, (x, y): (f32, f32), text: &str, style: Style) {
        self.line((x - style.width(text), y), text, style);
    }

    /// Draws at most `lines_max` lines, the last with an ellipsis if text is cut. Returns the height of the next line.
    pub fn paragraph(
        &mut self,
        (x, y): (f32, f32),
        width: f32,
        lines_max: usize,
        text: &str,
        style: Style,
    ) -> f32 {
        let paragraph = level_of(text);
        let mut lines = style.lines(text, width);
        if lines.len() > lines_max {
            lines.truncate(lines_max);
            if let Some(last) = lines.last_mut() {
                while style.width(&format!("{last}…")) > width && !last.is_empty() {
                    // A letter goes with its marks.
                    let cut = breaks::letters(last).last().map_or(0, str::len);
                    last.truncate(last.len() - cut);
                }
                last.push('…');
            }
        }
        let (leading, mut y) = (style.leading(text), y);
        for line in lines {
            self.line_of(paragraph, (x, y), &line, style);
            y += leading;
        }
        y
    }

    pub fn rectangle(&mut self, at: (f32, f32), size: (f32, f32), colour: Colour) {
        self.fill(colour);
        self.draw(|path| push(path, at, size));
    }

    /// A thin frame.
    pub fn frame(&mut self, at: (f32, f32), size: (f32, f32)) {
        self.stroke(0.8, None);
        self.draw(|path| push(path, at, size));
    }

    /// Draws a dashed line.
    pub fn tear(&mut self, (x, y): (f32, f32), length: f32) {
        self.stroke(0.8, Some(StrokeDash { array: vec![4.0, 4.0], offset: 0.0 }));
        self.draw(|path| {
            path.move_to(x, y);
            path.line_to(x + length, y);
        });
    }

    /// Draws a QR code without its quiet zone; the white of the paper takes its place.
    pub fn qr(&mut self, (x, y): (f32, f32), side: f32, qr: &Qr, colour: Colour) {
        #[expect(clippy::cast_precision_loss, reason = "a QR code has at most 177 modules per side")]
        let at = |module: usize| module as f32 * side / qr.width() as f32;
        self.fill(colour);
        self.draw(|path| {
            for row in 0..qr.width() {
                let mut column = 0;
                while column < qr.width() {
                    let run = (column..qr.width()).take_while(|column| qr.is_dark(*column, row)).count();
                    if run > 0 {
                        push(path, (x + at(column), y + at(row)), (at(run), at(1)));
                    }
                    column += run.max(1);
                }
            }
        });
    }

    fn draw(&mut self, shape: impl FnOnce(&mut PathBuilder)) {
        let mut path = PathBuilder::new();
        shape(&mut path);
        if let Some(path) = path.finish() {
            self.0.draw_path(&path);
        }
    }

    fn fill(&mut self, colour: Colour) {
        let (opacity, rule) = (NormalizedF32::ONE, FillRule::NonZero);
        self.0.set_stroke(None);
        self.0.set_fill(Some(Fill { paint: colour.rgb().into(), opacity, rule }));
    }

    fn stroke(&mut self, width: f32, dash: Option<StrokeDash>) {
        self.0.set_fill(None);
        let paint = Colour::Pale.rgb().into();
        self.0.set_stroke(Some(Stroke { paint, width, dash, ..Stroke::default() }));
    }
}

fn push(path: &mut PathBuilder, (x, y): (f32, f32), (width, height): (f32, f32)) {
    if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
        path.push_rect(rectangle);
    }
}

/// Letters of Tibetan, Burmese, Khmer and Tai Tham.
fn is_stacked(letter: char) -> bool {
    matches!(letter, '\u{F00}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1A20}'..='\u{1AAF}')
}
