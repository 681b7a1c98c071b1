//! Every measured duration, kept, so that percentiles are exact.

use std::time::Duration;

/// Durations in microseconds, up to 71 minutes each.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<u32>);

impl Samples {
    pub fn push(&mut self, duration: Duration) {
        self.0.push(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn add(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The duration that `per_mille` of a thousand do not exceed, in milliseconds; 0 if nothing was measured.
    pub fn at(&mut self, per_mille: usize) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        // The nearest rank: the smallest value that at least so many samples do not exceed.
        let rank = (self.0.len() * per_mille).div_ceil(1_000).max(1) - 1;
        let (_, value, _) = self.0.select_nth_unstable(rank);
        f64::from(*value) / 1_000.0
    }

    /// The median in milliseconds.
    pub fn p50(&mut self) -> f64 {
        self.at(500)
    }

    /// The 99th percentile, in milliseconds.
    pub fn p99(&mut self) -> f64 {
        self.at(990)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut samples = Samples::default();
        (1..=200).rev().for_each(|ms| samples.push(Duration::from_millis(ms)));
        assert!((samples.p50() - 100.0).abs() < 0.001);
        assert!((samples.p99() - 198.0).abs() < 0.001);
        assert!((samples.at(1_000) - 200.0).abs() < 0.001);
        assert!(Samples::default().p99().abs() < 0.001);
    }
}
