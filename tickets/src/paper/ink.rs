//! Drawing on a page: two weights of text in the scripts that the fonts have, a few colours, line breaks.

use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Rect, Transform},
    num::NormalizedF32,
    paint::{Fill, FillRule, Stroke, StrokeDash},
    surface::Surface,
    text::TextDirection,
};

use super::fonts::{runs, shaped_width};
use crate::Qr;

/// Line height, in font sizes.
const LEADING: f32 = 1.28;

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
        runs(text, self.weight).map(|(face, run)| shaped_width(face, run) * self.size).sum()
    }

    /// Breaks a text into lines between words, and within a word that is too long for a line.
    pub fn lines(self, text: &str, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let line = lines.last_mut().expect("there is always a line");
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined) <= width {
                *line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(String::new());
            }
            for letter in word.chars() {
                let line = lines.last_mut().expect("there is always a line");
                let longer = format!("{line}{letter}");
                if line.is_empty() || self.width(&longer) <= width {
                    *line = longer;
                } else {
                    lines.push(letter.to_string());
                }
            }
        }
        lines
    }

    /// Distance from one line to the next, in points.
    pub fn leading(self) -> f32 {
        self.size * LEADING
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
    pub fn line(&mut self, (x, y): (f32, f32), text: &str, style: Style) {
        self.fill(style.colour);
        let mut x = x;
        for (face, run) in runs(text, style.weight) {
            let start = Point::from_xy(x, y);
            self.0.draw_text(start, face.font.clone(), style.size, run, false, TextDirection::Auto);
            x += shaped_width(face, run) * style.size;
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
        let mut lines = style.lines(text, width);
        if lines.len() > lines_max {
            lines.truncate(lines_max);
            if let Some(last) = lines.last_mut() {
                while style.width(&format!("{last}…")) > width && last.pop().is_some() {}
                last.push('…');
            }
        }
        let mut y = y;
        for line in lines {
            self.line((x, y), &line, style);
            y += style.leading();
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
