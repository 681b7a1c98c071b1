//! Processing of uploaded pictures: decoded, turned upright, scaled down and re-encoded as JPEG in two sizes. No byte
//! of the uploaded file is ever served, nor any metadata that a camera wrote.
//!
//! Decoding is slow and memory-hungry, so it runs on a blocking thread, one picture at a time, and only after the
//! header of the file has revealed the picture's dimensions.

mod jpeg;
mod png;

use std::{borrow::Cow, fmt::Write, io::Cursor, time::Duration};

use axum::body::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
};
use sha2::{Digest, Sha256};
use ticketshow_http::Problem;
use tokio::sync::Semaphore;

/// Most pixels of an upload: 40 megapixels. Source: the REST surface.
const PIXELS_MAX: u64 = 40_000_000;
/// Memory limit of a decoder, in bytes: `PIXELS_MAX` pixels of four 16-bit channels, and some headroom.
const DECODER_BYTES_MAX: u64 = 384 * 1024 * 1024;
/// Largest colour profile that is kept, in bytes. Usual ones have a few hundred.
const PROFILE_BYTES_MAX: usize = 16 * 1024;
/// Size for lists: sharp on a phone with a pixel ratio of three.
const CARD: Size = Size { width: 480, height: 720, quality: 82 };
/// Size for the page of a show.
const FULL: Size = Size { width: 1200, height: 1800, quality: 86 };
/// Background of transparent pictures.
const BACKGROUND: [u8; 3] = [255, 255, 255];
/// Most uploads queued or being decoded. Each holds its file in memory and takes a second at most.
const QUEUE_MAX: usize = 8;

/// A box to scale a picture down to, and the JPEG quality, 1 to 100.
struct Size {
    width: u32,
    height: u32,
    quality: u8,
}

/// A processed picture: two JPEGs.
#[derive(Debug)]
pub struct Pictures {
    pub card: Bytes,
    pub full: Bytes,
    /// SHA-256 of the larger one, in hexadecimal.
    pub digest: String,
}

/// Reason why a file is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPicture {
    #[error("is neither JPEG nor PNG nor WebP")]
    UnknownFormat,
    #[error("has more than 40 megapixels")]
    TooManyPixels,
    #[error("is damaged")]
    Undecodable,
}

impl From<NotAPicture> for Problem {
    fn from(cause: NotAPicture) -> Self {
        match cause {
            NotAPicture::UnknownFormat => Self::unsupported_media_type("a picture: JPEG, PNG or WebP"),
            NotAPicture::TooManyPixels | NotAPicture::Undecodable => {
                Self::invalid_value("", cause.to_string())
            }
        }
    }
}

static QUEUED: Semaphore = Semaphore::const_new(QUEUE_MAX);
/// One picture is decoded at a time.
static RUNNING: Semaphore = Semaphore::const_new(1);

impl Pictures {
    /// Decodes a file and encodes both sizes.
    ///
    /// # Errors
    ///
    /// 415 or 422 for an invalid picture, 503 if the queue is full.
    pub async fn of(file: Bytes) -> Result<Self, Problem> {
        // A file of another format is rejected before it queues.
        let format = format_of(&file)?;
        let overloaded = || Problem::unavailable(Duration::from_secs(5));
        let _queued = QUEUED.try_acquire().map_err(|_| overloaded())?;
        // Held by the work: a client that disconnects must not free the slot before the picture is done.
        let running = RUNNING.acquire().await.map_err(|_| overloaded())?;
        let made = tokio::task::spawn_blocking(move || {
            let _running = running;
            Self::make(&file, format)
        });
        // A decoder that panics has met a damaged file.
        let made = made.await.unwrap_or(Err(NotAPicture::Undecodable));
        made.map_err(Problem::from)
    }

    fn make(file: &[u8], format: ImageFormat) -> Result<Self, NotAPicture> {
        let (full, profile) = decode(file, format)?;
        let card = fit(&DynamicImage::ImageRgb8(full.clone()), &CARD).into_rgb8();
        let full = encode(&full, &FULL, profile.as_deref())?;
        let card = encode(&card, &CARD, profile.as_deref())?;
        let digest = Sha256::digest(&full).iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Self { card, full, digest })
    }
}

/// The format that the first bytes of a file announce.
fn format_of(file: &[u8]) -> Result<ImageFormat, NotAPicture> {
    let format = image::guess_format(file).map_err(|_| NotAPicture::UnknownFormat)?;
    let is_supported = matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP);
    if is_supported { Ok(format) } else { Err(NotAPicture::UnknownFormat) }
}

/// Decodes a picture: upright, opaque, no larger than `FULL`. Also returns its colour profile.
fn decode(file: &[u8], format: ImageFormat) -> Result<(RgbImage, Option<Vec<u8>>), NotAPicture> {
    if format == ImageFormat::Jpeg && !jpeg::is_complete(file) {
        return Err(NotAPicture::Undecodable);
    }
    let needed = if format == ImageFormat::Png { png::without_notes(file) } else { Cow::Borrowed(file) };
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(&*needed), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| NotAPicture::Undecodable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(NotAPicture::TooManyPixels);
    }
    // Unreadable metadata is no reason to reject the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| is_of_rgb(profile));
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| NotAPicture::Undecodable)?;
    // Scaled down first, so that everything after it is cheap.
    let mut picture = if swaps_sides(orientation) {
        fit(&picture, &Size { width: FULL.height, height: FULL.width, quality: FULL.quality })
    } else {
        fit(&picture, &FULL)
    };
    picture.apply_orientation(orientation);
    Ok((opaque(picture), profile))
}

/// Returns `true` if an orientation swaps width and height.
fn swaps_sides(orientation: Orientation) -> bool {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
    }
}

/// Returns `true` if a colour profile is for RGB (ICC.1, bytes 16 to 19), the only kind we write.
fn is_of_rgb(profile: &[u8]) -> bool {
    profile.len() <= PROFILE_BYTES_MAX && profile.get(16..20) == Some(b"RGB ")
}

/// Scales a picture down to fit. A much larger one is first reduced roughly, which is fast and takes little memory.
fn fit(picture: &DynamicImage, size: &Size) -> DynamicImage {
    let Size { width, height, .. } = *size;
    if picture.width() <= width && picture.height() <= height {
        return picture.clone();
    }
    if picture.width() > 3 * width || picture.height() > 3 * height {
        return picture.thumbnail(2 * width, 2 * height).resize(width, height, FilterType::CatmullRom);
    }
    picture.resize(width, height, FilterType::Lanczos3)
}

fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8, ground: u8| {
            let (colour, ground, alpha) = (u32::from(colour), u32::from(ground), u32::from(alpha));
            u8::try_from((colour * alpha + ground * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(red, BACKGROUND[0]), over(green, BACKGROUND[1]), over(blue, BACKGROUND[2])])
    })
}

fn encode(picture: &RgbImage, size: &Size, profile: Option<&[u8]>) -> Result<Bytes, NotAPicture> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, size.quality);
    if let Some(profile) = profile {
        // JPEG always supports a profile, although the trait allows for failure.
        let _ = encoder.set_icc_profile(profile.to_vec());
    }
    encoder.encode_image(picture).map_err(|_| NotAPicture::Undecodable)?;
    Ok(jpeg.into())
}

#[cfg(test)]
mod tests;
