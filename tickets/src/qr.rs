//! A ticket code as a QR code, as SVG for browsers, PNG for mails and modules for paper.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};
use qrcode::{Color, EcLevel, QrCode, render::svg};

/// Light modules around the code. Source: ISO/IEC 18004, quiet zone.
const QUIET_ZONE: usize = 4;
/// Pixels per module in a PNG: large enough for a phone's camera on any screen.
const PIXELS: usize = 6;
/// Default width and height of an SVG, in pixels.
const SVG_PIXELS: u32 = 240;

/// A text as a QR code, readable with up to 15 % of it damaged (level M).
#[derive(Clone)]
pub struct Qr(QrCode);

/// A text longer than a QR code holds, about 2,300 bytes. Ticket codes are far shorter.
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

    /// Modules per side, without the quiet zone.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.width()
    }

    /// Returns `true` if a module is dark. Modules outside the code are light.
    #[must_use]
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let inside = column < self.width() && row < self.width();
        inside && self.0[(column, row)] == Color::Dark
    }

    /// Renders an SVG document, with the quiet zone.
    #[must_use]
    pub fn svg(&self) -> String {
        self.0.render::<svg::Color<'_>>().min_dimensions(SVG_PIXELS, SVG_PIXELS).build()
    }

    /// Renders a PNG image with one bit per pixel (ISO/IEC 15948) and the quiet zone. Most mail programs do not show
    /// SVG.
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

    /// One PNG line: the filter byte (none), then one bit per pixel, set for light ones.
    fn png_line(&self, row: usize, pixels: usize) -> Vec<u8> {
        let mut line = vec![0; 1 + pixels.div_ceil(8)];
        for pixel in 0..pixels {
            // Inside the quiet zone the subtraction wraps to indices outside the code.
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
