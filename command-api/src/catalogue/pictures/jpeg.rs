//! Search for the end of a JPEG (ITU T.81), which the decoder does not check.

const START_OF_SCAN: u8 = 0xda;
const END: [u8; 2] = [0xff, 0xd9];

/// Returns true if a scan of the picture is followed by the end of the picture. Within a scan no byte looks like it. Segments before
/// it, such as a preview, are skipped.
pub fn is_complete(file: &[u8]) -> bool {
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        // Bytes between segments may be repeated.
        if *marker == 0xff {
            rest = &rest[1..];
            continue;
        }
        if *marker == START_OF_SCAN {
            return after.windows(2).any(|bytes| bytes == END);
        }
        let Some(length) = after.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length))) else {
            return false;
        };
        rest = after.get(length..).unwrap_or_default();
    }
    false
}
