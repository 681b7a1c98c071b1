//! What becomes of an uploaded picture: it is decoded, turned upright, made smaller, and written anew as a JPEG in two sizes. So
//! nothing of the file itself is ever handed out, nor what a camera noted in it.
//!
//! Decoding is slow and takes memory, so it runs beside the async threads, one picture at a time, and only after the head of
//! the file has told how large the picture is.

use std::{fmt::Write, io::Cursor, time::Duration};

use axum::body::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
};
use sha2::{Digest, Sha256};
use ticketshow_http::Problem;
use tokio::sync::Semaphore;

/// Pixels of an upload. Source: the REST surface, 40 megapixels.
const PIXELS_MAX: u64 = 40_000_000;
/// What a decoder may take, in bytes: `PIXELS_MAX` of four channels of 16 bits, and some room.
const DECODER_BYTES_MAX: u64 = 384 * 1024 * 1024;
/// A colour profile is kept up to this size, in bytes; the usual ones have some hundred.
const PROFILE_BYTES_MAX: usize = 16 * 1024;
/// For lists: sharp on a phone that shows three pixels for one.
const CARD: Size = Size { width: 480, height: 720, quality: 82 };
/// For a page of its own.
const FULL: Size = Size { width: 1200, height: 1800, quality: 86 };
/// What shows through a picture that is transparent in places.
const GROUND: [u8; 3] = [255, 255, 255];
/// Uploads that wait or are decoded; each holds its file in memory, and takes a second at most.
const QUEUE_MAX: usize = 8;

/// A box that a picture is fitted into, never made larger; JPEG quality 1 to 100.
struct Size {
    width: u32,
    height: u32,
    quality: u8,
}

/// A picture as it is handed out: two JPEGs.
#[derive(Debug)]
pub struct Pictures {
    pub card: Bytes,
    pub full: Bytes,
    /// SHA-256 of the larger one, in hexadecimal digits.
    pub digest: String,
}

/// Why a file is no picture for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPicture {
    #[error("it is neither JPEG nor PNG nor WebP")]
    UnknownFormat,
    #[error("it has more than 40 megapixels")]
    TooManyPixels,
    #[error("it is damaged, or not quite what it begins as")]
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

/// One after the other, whoever asks.
static QUEUED: Semaphore = Semaphore::const_new(QUEUE_MAX);
static RUNNING: Semaphore = Semaphore::const_new(1);

impl Pictures {
    /// Makes them of a file.
    ///
    /// # Errors
    ///
    /// 415 or 422 for what is no picture, 503 if too many wait.
    pub async fn of(file: Bytes) -> Result<Self, Problem> {
        // What is no picture at first sight waits for nobody.
        let format = format_of(&file)?;
        let crowded = || Problem::unavailable(Duration::from_secs(5));
        let _queued = QUEUED.try_acquire().map_err(|_| crowded())?;
        // Goes with the work: a caller who left does not make room for another picture before this one is done.
        let running = RUNNING.acquire().await.map_err(|_| crowded())?;
        let made = tokio::task::spawn_blocking(move || {
            let _running = running;
            Self::make(&file, format)
        });
        // A decoder that panics on a file is no reason to say that we are broken.
        let made = made.await.unwrap_or(Err(NotAPicture::Undecodable));
        made.map_err(Problem::from)
    }

    fn make(file: &[u8], format: ImageFormat) -> Result<Self, NotAPicture> {
        let (full, profile) = decode(file, format)?;
        let card = fit(&DynamicImage::ImageRgb8(full.clone()), &CARD).into_rgb8();
        let full = encode(&full, &FULL, profile.as_deref())?;
        let card = encode(&card, &CARD, profile.as_deref())?;
        let digest = Sha256::digest(&full).iter().fold(String::new(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Self { card, full, digest })
    }
}

/// What a file begins as.
fn format_of(file: &[u8]) -> Result<ImageFormat, NotAPicture> {
    let format = image::guess_format(file).map_err(|_| NotAPicture::UnknownFormat)?;
    let is_taken = matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP);
    if is_taken { Ok(format) } else { Err(NotAPicture::UnknownFormat) }
}

/// The picture upright and opaque, no larger than `FULL`, with its colour profile.
fn decode(file: &[u8], format: ImageFormat) -> Result<(RgbImage, Option<Vec<u8>>), NotAPicture> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| NotAPicture::Undecodable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(NotAPicture::TooManyPixels);
    }
    // Notes that cannot be read are no reason to turn the picture away.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| is_of_rgb(profile));
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| NotAPicture::Undecodable)?;
    // Made smaller before anything else: all that follows is cheap then.
    let mut picture = if lies_down(orientation) {
        fit(&picture, &Size { width: FULL.height, height: FULL.width, quality: FULL.quality })
    } else {
        fit(&picture, &FULL)
    };
    picture.apply_orientation(orientation);
    Ok((opaque(picture), profile))
}

/// Whether width and height change places.
fn lies_down(orientation: Orientation) -> bool {
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

/// Whether a colour profile is one of red, green and blue (ICC.1, bytes 16 to 19), which is what we write.
fn is_of_rgb(profile: &[u8]) -> bool {
    profile.len() <= PROFILE_BYTES_MAX && profile.get(16..20) == Some(b"RGB ")
}

/// Makes a picture smaller until it fits. A much larger one is first halved roughly, which is quick and takes little memory.
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
        Rgb([over(red, GROUND[0]), over(green, GROUND[1]), over(blue, GROUND[2])])
    })
}

fn encode(picture: &RgbImage, size: &Size, profile: Option<&[u8]>) -> Result<Bytes, NotAPicture> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, size.quality);
    if let Some(profile) = profile {
        // JPEG has room for it, whatever the trait says of others.
        let _ = encoder.set_icc_profile(profile.to_vec());
    }
    encoder.encode_image(picture).map_err(|_| NotAPicture::Undecodable)?;
    Ok(jpeg.into())
}

#[cfg(test)]
mod tests;
