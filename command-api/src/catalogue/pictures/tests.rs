//! Pictures of every kind, and files that only look like pictures.

use image::codecs::{png::PngEncoder, webp::WebPEncoder};

use super::*;

fn make(file: &[u8]) -> Result<Pictures, NotAPicture> {
    Pictures::make(file, format_of(file)?)
}

/// Red above, blue below.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(
        width,
        height,
        |_, y| if y < height / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) },
    )
}

fn jpeg(picture: &RgbImage, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    encoder.encode_image(picture).unwrap();
    file
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut file)).unwrap();
    file
}

/// EXIF with one TIFF entry: tag 0x0112, one short.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif
}

fn read(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn is_red(picture: &RgbImage, x: u32, y: u32) -> bool {
    let [red, _, blue] = picture.get_pixel(x, y).0;
    red > 180 && blue < 80
}

#[test]
fn jpeg_png_and_webp_come_out_in_two_sizes() {
    let picture = two_halves(1400, 2100);
    let mut webp = Vec::new();
    picture.write_with_encoder(WebPEncoder::new_lossless(&mut webp)).unwrap();
    for file in [jpeg(&picture, None), png(&picture.clone().into()), webp] {
        let made = make(&file).unwrap();
        let (card, full) = (read(&made.card), read(&made.full));
        assert_eq!((card.dimensions(), full.dimensions()), ((480, 720), (1200, 1800)));
        assert!(is_red(&card, 240, 10) && !is_red(&card, 240, 710));
        assert_eq!(made.digest.len(), 64);
    }
}

#[test]
fn the_same_file_gives_the_same_picture() {
    let file = jpeg(&two_halves(300, 450), None);
    assert_eq!(make(&file).unwrap().digest, make(&file).unwrap().digest);
    let other = jpeg(&two_halves(300, 452), None);
    assert_ne!(make(&file).unwrap().digest, make(&other).unwrap().digest);
}

#[test]
fn a_small_picture_keeps_its_size_and_a_wide_one_is_scaled_down() {
    let made = make(&jpeg(&two_halves(100, 40), None)).unwrap();
    assert_eq!(read(&made.full).dimensions(), (100, 40));
    assert_eq!(read(&made.card).dimensions(), (100, 40));
    let made = make(&png(&two_halves(9_000, 90).into())).unwrap();
    assert_eq!(read(&made.full).dimensions(), (1200, 12));
}

#[test]
fn exif_orientation_is_applied_and_removed() {
    let file = jpeg(&two_halves(90, 60), Some(exif(6)));
    assert!(file.windows(4).any(|bytes| bytes == b"Exif"));
    let made = make(&file).unwrap();
    let full = read(&made.full);
    assert_eq!(full.dimensions(), (60, 90), "a quarter turn clockwise");
    assert!(is_red(&full, 55, 45) && !is_red(&full, 5, 45), "the top is on the right");
    for jpeg in [&made.card, &made.full] {
        assert!(!jpeg.windows(4).any(|bytes| bytes == b"Exif"));
    }
}

#[test]
fn a_transparent_picture_gets_a_white_background() {
    let clear = image::RgbaImage::from_pixel(20, 30, image::Rgba([200, 0, 0, 0]));
    let made = make(&png(&clear.into())).unwrap();
    assert!(read(&made.full).get_pixel(10, 10).0.iter().all(|colour| *colour > 250));
}

#[test]
fn greyscale_and_16_bit_pictures_are_accepted() {
    let grey = image::GrayImage::from_pixel(20, 30, image::Luma([128]));
    let deep = image::ImageBuffer::from_pixel(20, 30, image::Rgba([30_000u16, 0, 0, 65_535]));
    for picture in [DynamicImage::ImageLuma8(grey), DynamicImage::ImageRgba16(deep)] {
        assert_eq!(read(&make(&png(&picture)).unwrap().full).dimensions(), (20, 30));
    }
}

#[test]
fn files_that_are_not_pictures_are_rejected() {
    let whole = png(&two_halves(60, 90).into());
    let damaged = [&whole[..whole.len() / 2], &[0; 40]].concat();
    for (file, cause) in [
        (&b""[..], NotAPicture::UnknownFormat),
        (b"Once upon a time, in a file named poster.jpg", NotAPicture::UnknownFormat),
        (b"GIF89a\x01\0\x01\0\0\0\0;", NotAPicture::UnknownFormat),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture::UnknownFormat),
        (b"\xff\xd8\xff\xe0 not a jpeg after all", NotAPicture::Undecodable),
        (b"RIFF\0\0\0\0WEBPVP8 ", NotAPicture::Undecodable),
        (&whole[..whole.len() / 2], NotAPicture::Undecodable),
        (&damaged, NotAPicture::Undecodable),
    ] {
        assert_eq!(make(file).err(), Some(cause), "{:?}", &file[..file.len().min(12)]);
    }
}

#[test]
fn too_many_pixels_are_rejected_by_the_header_of_the_file() {
    // 8,000 × 5,001 according to its header, and nothing after it: decoding would report damage.
    let mut head = png(&image::GrayImage::new(8, 8).into());
    head[16..24].copy_from_slice(&[0, 0, 0x1f, 0x40, 0, 0, 0x13, 0x89]);
    let checksum = crc32(&head[12..29]);
    head[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(make(&head).err(), Some(NotAPicture::TooManyPixels));
    head[23] = 0x88;
    let checksum = crc32(&head[12..29]);
    head[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(make(&head).err(), Some(NotAPicture::Undecodable), "40 megapixels to the pixel");
}

#[test]
fn a_jpeg_that_was_cut_is_rejected() {
    let whole = jpeg(&two_halves(200, 300), Some(exif(1)));
    for length in [whole.len() / 2, whole.len() - 100, whole.len() - 2] {
        assert_eq!(
            make(&whole[..length]).err(),
            Some(NotAPicture::Undecodable),
            "{length} of {}",
            whole.len()
        );
    }
    let followed = [&whole[..], b"PK and something else"].concat();
    assert_eq!(read(&make(&followed).unwrap().full).dimensions(), (200, 300));
}

#[test]
fn a_png_or_webp_that_was_cut_is_rejected() {
    // With some noise, so that the pixels fill the file to its end.
    let low = |number: u32| number.to_le_bytes()[0];
    let picture = RgbImage::from_fn(200, 300, |x, y| Rgb([low(x * y), low(x * 7), low(y * 3)]));
    let mut webp = Vec::new();
    picture.write_with_encoder(WebPEncoder::new_lossless(&mut webp)).unwrap();
    for whole in [png(&picture.clone().into()), webp] {
        assert!(make(&whole).is_ok());
        for length in [whole.len() / 4, whole.len() / 2] {
            assert!(make(&whole[..length]).is_err(), "{length} of {}", whole.len());
        }
    }
}

#[test]
fn a_png_is_decoded_without_its_notes() {
    let whole = png(&two_halves(60, 90).into());
    let (head, rest) = whole.split_at(33);
    for (name, length, is_kept) in [
        (b"iCCP", 10_000, true),
        (b"iCCP", 17_000, false),
        (b"eXIf", 17_000, false),
        (b"zTXt", 10, false),
        (b"iTXt", 10, false),
        (b"acTL", 8, false),
    ] {
        let note = chunk(*name, &vec![1; length]);
        let file = [head, &note, rest].concat();
        assert_eq!(png::without_notes(&file).len(), whole.len() + if is_kept { note.len() } else { 0 });
        assert_eq!(read(&make(&file).unwrap().full).dimensions(), (60, 90));
    }
    // The length of a chunk lies beyond the end.
    let broken = [head, &[0xff; 40]].concat();
    assert_eq!(png::without_notes(&broken), broken);
    assert_eq!(png::without_notes(b"\x89PNG"), &b"\x89PNG"[..]);
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// Checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |checksum, byte| {
        (0..8)
            .fold(checksum ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

mod hostile {
    use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};

    use super::*;

    #[test]
    fn no_file_makes_a_picture_beyond_its_sizes() {
        let picture = two_halves(24, 36);
        let mut webp = Vec::new();
        picture.write_with_encoder(WebPEncoder::new_lossless(&mut webp)).unwrap();
        let files = [jpeg(&picture, Some(exif(6))), png(&picture.clone().into()), webp];
        for file in &files {
            make(file).unwrap();
        }
        let edits = vec((any::<Index>(), any::<u8>()), 1..8);
        let changed = (0..files.len(), edits, any::<Index>(), any::<bool>());
        let changed = changed.prop_map(move |(number, edits, end, whole)| {
            let mut file = files[number].clone();
            for (place, byte) in edits {
                let place = place.index(file.len());
                file[place] = byte;
            }
            file.truncate(if whole { file.len() } else { end.index(file.len()) });
            file
        });
        let any_bytes = (0..3_usize, vec(any::<u8>(), 0..500)).prop_map(|(kind, rest)| {
            let starts: [&[u8]; 3] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBP"];
            [starts[kind], &rest].concat()
        });
        let run = TestRunner::deterministic().run(&prop_oneof![4 => changed, 1 => any_bytes], |file| {
            if let Ok(Pictures { card, full, .. }) = make(&file) {
                let (card, full) = (read(&card), read(&full));
                prop_assert!(card.width() <= CARD.width && card.height() <= CARD.height);
                prop_assert!(full.width() <= FULL.width && full.height() <= FULL.height);
            }
            Ok(())
        });
        run.unwrap();
    }
}
