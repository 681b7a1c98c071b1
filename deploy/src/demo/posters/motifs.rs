//! What posters show. Each motif fills the upper three quarters; the title covers the rest.

mod patterns;
mod scenes;
mod things;

use serde::Deserialize;

use super::{canvas::Canvas, chance::Chance, palettes::Palette};

/// The motif of a show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Art {
    Arcs,
    Beams,
    Boat,
    Citrus,
    Clock,
    Contours,
    Drapes,
    Eye,
    Halftone,
    Horizon,
    Letter,
    Peaks,
    Petals,
    Planets,
    Rails,
    Rain,
    Rings,
    Road,
    Signal,
    Skyline,
    Slashes,
    Stairs,
    Tiles,
    Waves,
    Windows,
}

impl Art {
    /// Draws it, the same each time for the same chance.
    pub fn draw(self, canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
        let draw = match self {
            Self::Arcs => patterns::arcs,
            Self::Beams => patterns::beams,
            Self::Boat => scenes::boat,
            Self::Citrus => things::citrus,
            Self::Clock => things::clock,
            Self::Contours => patterns::contours,
            Self::Drapes => things::drapes,
            Self::Eye => things::eye,
            Self::Halftone => patterns::halftone,
            Self::Horizon => scenes::horizon,
            Self::Letter => things::letter,
            Self::Peaks => scenes::peaks,
            Self::Petals => things::petals,
            Self::Planets => things::planets,
            Self::Rails => scenes::rails,
            Self::Rain => scenes::rain,
            Self::Rings => patterns::rings,
            Self::Road => scenes::road,
            Self::Signal => patterns::signal,
            Self::Skyline => scenes::skyline,
            Self::Slashes => patterns::slashes,
            Self::Stairs => things::stairs,
            Self::Tiles => patterns::tiles,
            Self::Waves => scenes::waves,
            Self::Windows => things::windows,
        };
        draw(canvas, chance, palette);
    }
}
