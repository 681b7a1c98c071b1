//! A ticket code as a QR code, in the forms that browsers, mails and paper want.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};
use qrcode::{Color, EcLevel, QrCode, render::svg};

/// Light modules around the code. Source: ISO/IEC 18004, quiet zone.
const QUIET_ZONE: usize = 4;
/// Pixels of a module in a PNG: large enough for a phone's camera on any screen.
const PIXELS: usize = 6;
/// Smallest width and height of an SVG where nothing says how large it is to be shown, in pixels.
const SVG_PIXELS: u32 = 240;

/// A text as a QR code. It can be read with up to 15 % of it unreadable (level M).
#[derive(Clone)]
pub struct Qr(QrCode);

/// A text with more bytes than a QR code holds, some 2,300; no ticket code has as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit into a QR code")]
pub struct TooLong;

impl Qr {
    /// The QR code of a text.
    ///
    /// # Errors
    ///
    /// [`TooLong`].
    pub fn new(text: &str) -> Result<Self, TooLong> {
        QrCode::with_error_correction_level(text, EcLevel::M).map(Self).map_err(|_| TooLong)
    }

    /// Modules a side, without the quiet zone.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.width()
    }

    /// Whether a module is dark; none outside the code is.
    #[must_use]
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let inside = column < self.width() && row < self.width();
        inside && self.0[(column, row)] == Color::Dark
    }

    /// As an SVG document, with its quiet zone.
    #[must_use]
    pub fn svg(&self) -> String {
        self.0.render::<svg::Color<'_>>().min_dimensions(SVG_PIXELS, SVG_PIXELS).build()
    }

    /// As a PNG image of one bit a pixel (ISO/IEC 15948), with its quiet zone: most mail programs show no SVG.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let modules = self.width() + 2 * QUIET_ZONE;
        let pixels = modules * PIXELS;
        let mut lines = Vec::with_capacity(pixels * (1 + pixels.div_ceil(8)));
        for row in 0..modules {
            let line = self.png_line(row, pixels);
            (0..PIXELS).for_each(|_| lines.extend_from_slice(&line));
        }
        let side = u32::try_from(pixels).unwrap_or(u32::MAX).to_be_bytes();
        // One bit, greyscale; deflate, its five filters, not interlaced.
        let header = [&side[..], &side[..], &[1, 0, 0, 0, 0]].concat();
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, content) in [(b"IHDR", header), (b"IDAT", deflated(&lines)), (b"IEND", Vec::new())] {
            push_chunk(&mut png, *kind, &content);
        }
        png
    }

    /// The filter (none), then a bit a pixel, set where it is light.
    fn png_line(&self, row: usize, pixels: usize) -> Vec<u8> {
        let mut line = vec![0; 1 + pixels.div_ceil(8)];
        for pixel in 0..pixels {
            // Below the quiet zone the numbers wrap around to some that no code has.
            let (column, row) = ((pixel / PIXELS).wrapping_sub(QUIET_ZONE), row.wrapping_sub(QUIET_ZONE));
            if !self.is_dark(column, row) {
                line[1 + pixel / 8] |= 0x80 >> (pixel % 8);
            }
        }
        line
    }
}

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Qr").field("width", &self.width()).finish_non_exhaustive()
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    const IN_MEMORY: &str = "writing to memory does not fail";
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect(IN_MEMORY);
    encoder.finish().expect(IN_MEMORY)
}

fn push_chunk(png: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(content);
    png.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    png.extend_from_slice(&kind);
    png.extend_from_slice(content);
    png.extend_from_slice(&crc.sum().to_be_bytes());
}
