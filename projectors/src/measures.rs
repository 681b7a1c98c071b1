//! Conversion of counts to values of metrics.

/// A count as gauges and histograms take it.
#[expect(clippy::cast_precision_loss, reason = "gauges are floats; positions stay below 2^53")]
pub(crate) fn number(value: u64) -> f64 {
    value as f64
}
