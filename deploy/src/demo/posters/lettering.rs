//! Titles in large letters: the fonts of the web app, cut to the letters of European languages, filled as paths.

use std::sync::LazyLock;

use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
    outline::{DrawSettings, OutlinePen},
};
use tiny_skia::{Path, PathBuilder, Transform};

use super::canvas::{Canvas, Colour};

/// The look of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lettering {
    Narrow,
    Wide,
    Serif,
    /// For small print.
    Text,
}

/// A title, broken into lines that are as large as there is room.
#[derive(Debug, Clone, PartialEq)]
pub struct Title {
    pub lines: Vec<String>,
    /// Of the letters, in units.
    pub size: f32,
    lettering: Lettering,
}

static NARROW: LazyLock<FontRef<'static>> =
    LazyLock::new(|| font(include_bytes!("fonts/Archivo-Narrow.ttf")));
static WIDE: LazyLock<FontRef<'static>> = LazyLock::new(|| font(include_bytes!("fonts/Archivo-Wide.ttf")));
static SERIF: LazyLock<FontRef<'static>> =
    LazyLock::new(|| font(include_bytes!("fonts/InstrumentSerif.ttf")));
static TEXT: LazyLock<FontRef<'static>> = LazyLock::new(|| font(include_bytes!("fonts/Archivo-Text.ttf")));

fn font(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::new(bytes).expect("the fonts are part of the program")
}

impl Lettering {
    fn font(self) -> &'static FontRef<'static> {
        match self {
            Self::Narrow => &NARROW,
            Self::Wide => &WIDE,
            Self::Serif => &SERIF,
            Self::Text => &TEXT,
        }
    }

    /// From one base line to the next, in sizes.
    fn leading(self) -> f32 {
        match self {
            Self::Narrow => 0.86,
            Self::Wide => 0.98,
            Self::Serif => 0.97,
            Self::Text => 1.3,
        }
    }

    /// Height of the tallest letters above the base line, in sizes.
    fn ascent(self) -> f32 {
        match self {
            Self::Narrow | Self::Wide | Self::Text => 0.69,
            Self::Serif => 0.72,
        }
    }

    fn largest(self) -> f32 {
        match self {
            Self::Narrow => 92.0,
            Self::Wide => 58.0,
            Self::Serif => 78.0,
            Self::Text => 12.0,
        }
    }

    /// Between two letters, in sizes: large letters stand closer together.
    fn tracking(self) -> f32 {
        match self {
            Self::Narrow => -0.004,
            Self::Wide => -0.022,
            Self::Serif => -0.018,
            Self::Text => 0.03,
        }
    }

    /// Of a text in one line, in sizes.
    pub fn width(self, text: &str) -> f32 {
        let metrics = self.font().glyph_metrics(Size::new(1.0), LocationRef::default());
        let charmap = self.font().charmap();
        let advance = |letter| metrics.advance_width(charmap.map(letter).unwrap_or_default()).unwrap_or(0.0);
        text.chars().map(|letter| advance(letter) + self.tracking()).sum()
    }

    /// Writes a line from a place on its base line on; the width of what was written.
    pub fn write(
        self,
        canvas: &mut Canvas,
        (mut x, y): (f32, f32),
        size: f32,
        text: &str,
        colour: Colour,
    ) -> f32 {
        let (outlines, charmap) = (self.font().outline_glyphs(), self.font().charmap());
        let metrics = self.font().glyph_metrics(Size::new(size), LocationRef::default());
        let from = x;
        for letter in text.chars() {
            let glyph = charmap.map(letter).unwrap_or_default();
            let mut pen = Pen(PathBuilder::new());
            let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
            if outlines.get(glyph).is_some_and(|outline| outline.draw(settings, &mut pen).is_ok()) {
                canvas.path(pen.at(x, y), colour);
            }
            x += metrics.advance_width(glyph).unwrap_or(0.0) + self.tracking() * size;
        }
        x - from
    }

    /// Breaks a title so that its letters can be as large as possible in `width` by `height` units.
    pub fn set(self, title: &str, width: f32, height: f32) -> Title {
        let title = if self == Self::Serif { title.to_owned() } else { title.to_uppercase() };
        let words: Vec<&str> = title.split_whitespace().collect();
        let mut best = Title { lines: vec![title.clone()], size: 0.0, lettering: self };
        for count in 1..=words.len().min(6) {
            let lines = self.broken(&words, count);
            let longest = lines.iter().map(|line| self.width(line)).fold(0.1, f32::max);
            let (mut block, mut rest) = (self.ascent(), lines.len() - 1);
            while rest > 0 {
                block += self.leading();
                rest -= 1;
            }
            let size = (width / longest).min(height / block).min(self.largest());
            // Fewer lines win unless more make the letters clearly larger.
            if size > best.size * 1.08 {
                best = Title { lines, size, lettering: self };
            }
        }
        best
    }

    /// Into at most `count` lines, the longest as short as it can be.
    fn broken(self, words: &[&str], count: usize) -> Vec<String> {
        let mut best: Option<(f32, Vec<String>)> = None;
        // A title has few words: all ways to break it are tried.
        for breaks in 0_u32..1 << (words.len() - 1).min(12) {
            if breaks.count_ones() as usize + 1 != count {
                continue;
            }
            let mut lines = vec![words[0].to_owned()];
            for (gap, word) in words[1..].iter().enumerate() {
                match lines.last_mut().filter(|_| breaks >> gap & 1 == 0) {
                    Some(line) => *line = format!("{line} {word}"),
                    None => lines.push((*word).to_owned()),
                }
            }
            let longest = lines.iter().map(|line| self.width(line)).fold(0.0, f32::max);
            if best.as_ref().is_none_or(|(shortest, _)| longest < *shortest) {
                best = Some((longest, lines));
            }
        }
        best.map_or_else(|| vec![words.join(" ")], |(_, lines)| lines)
    }
}

impl Title {
    /// From the top of the first line to the base of the last one, in units.
    pub fn height(&self) -> f32 {
        let between: f32 = self.lines.iter().skip(1).map(|_| self.lettering.leading()).sum();
        (between + self.lettering.ascent()) * self.size
    }

    /// How far its letters reach below the base of the last line, where they do and nothing else is to be.
    pub fn depth(&self) -> f32 {
        match self.lettering {
            // In capitals.
            Lettering::Narrow | Lettering::Wide => 0.0,
            Lettering::Serif | Lettering::Text => 0.12 * self.size,
        }
    }

    /// Writes it with its top left corner at a place.
    pub fn write(&self, canvas: &mut Canvas, (x, y): (f32, f32), colour: Colour) {
        let mut base = y + self.lettering.ascent() * self.size;
        // The first letter has some room to its left, which large letters show.
        let x = x - 0.03 * self.size;
        for line in &self.lines {
            self.lettering.write(canvas, (x, base), self.size, line, colour);
            base += self.lettering.leading() * self.size;
        }
    }
}

/// Outlines have y upwards.
struct Pen(PathBuilder);

impl Pen {
    fn at(self, x: f32, y: f32) -> Option<Path> {
        self.0.finish()?.transform(Transform::from_row(1.0, 0.0, 0.0, -1.0, x, y))
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.0.quad_to(cx0, cy0, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.0.cubic_to(cx0, cy0, cx1, cy1, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
