//! Filter for the chunks of a PNG (ISO 15948): some are compressed and expand to a thousand times their size.

use std::borrow::Cow;

const SIGNATURE_BYTES: usize = 8;
/// Length, type and checksum of a chunk.
const FRAME_BYTES: usize = 12;
/// Chunks that the picture consists of.
const PICTURE: [&[u8]; 5] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"];
/// Chunks that say how to show it: the colour profile and the orientation.
const PRESENTATION: [&[u8]; 2] = [b"iCCP", b"eXIf"];
/// Largest of the latter that is kept, in bytes. Usual ones have a few hundred.
const PRESENTATION_BYTES_MAX: usize = 16 * 1024;

/// Returns the file without chunks that are not needed, such as texts, and without those that are unusually large.
/// Data that is not a chunk stays, for the decoder to reject.
pub fn without_notes(file: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = file.get(..SIGNATURE_BYTES).unwrap_or(file).to_vec();
    let mut rest = &file[kept.len()..];
    while let Some((chunk, after)) = split_chunk(rest) {
        let name = &chunk[4..8];
        let presents = PRESENTATION.contains(&name) && chunk.len() <= PRESENTATION_BYTES_MAX + FRAME_BYTES;
        if PICTURE.contains(&name) || presents {
            kept.extend_from_slice(chunk);
        }
        rest = after;
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

fn split_chunk(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_be_bytes(*rest.first_chunk()?);
    rest.split_at_checked(usize::try_from(length).ok()?.checked_add(FRAME_BYTES)?)
}
