//! Pages of A4 (ISO 216).

/// Width and height in points.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
