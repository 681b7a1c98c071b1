//! Number of waiting commits from which on a batch is faster than publishing them one by one, found while the log is written.
//!
//! The server stages a batch in files of its own unless the stream has replicas, so a batch costs as much as a handful or as many as
//! fifty single commits, depending on file system and disk.

use std::time::Duration;

/// Bounds of the crossover, in commits.
const FEWEST: f64 = 2.0;
const MOST: f64 = 64.0;
/// Share of a new duration in the mean.
const WEIGHT: f64 = 0.1;
/// Step down after a batch that was faster, and least step up after one that was slower, in commits.
const STEP: f64 = 0.5;
/// Step down per single commit, in commits, so that a batch is tried now and then. Without commits there is nothing
/// to learn from.
const FADE: f64 = 0.02;

/// The crossover between the two ways to publish.
#[derive(Debug, Clone, Copy)]
pub(super) enum Crossover {
    /// Number of commits set by a test or a benchmark, never by a setting of the binary.
    Fixed(usize),
    /// Found by measuring.
    Measured {
        /// Number of commits, with the fraction that small steps add up to.
        from: f64,
        /// Mean duration of a single commit, in seconds; `None` until the first.
        single: Option<f64>,
    },
}

impl Crossover {
    /// `None`: found by measuring.
    pub fn new(fixed: Option<usize>) -> Self {
        fixed.map_or(Self::Measured { from: 16.0, single: None }, |from| Self::Fixed(from.max(1)))
    }

    /// Number of waiting commits that make a batch, and of commits published one by one at the same time.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2 to 64")]
    pub fn batch_from(self) -> usize {
        match self {
            Self::Fixed(from) => from,
            Self::Measured { from, .. } => from.round() as usize,
        }
    }

    /// Learns from a commit published while `in_flight`, itself included, were published one by one.
    pub fn single_took(&mut self, took: Duration, in_flight: usize) {
        let Self::Measured { from, single } = self else { return };
        let took = took.as_secs_f64() / count(in_flight.max(1));
        *single = Some(single.map_or(took, |mean| mean + (took - mean) * WEIGHT));
        *from = (*from - FADE).max(FEWEST);
    }

    /// Learns from a batch of `size` commits that began behind `behind` single ones.
    pub fn batch_took(&mut self, took: Duration, size: usize, behind: usize) {
        let Self::Measured { from, single: Some(single) } = self else { return };
        let one_by_one = *single * count(size + behind);
        if took.as_secs_f64() < one_by_one {
            *from = (*from - STEP).max(FEWEST);
        } else {
            *from = (count(size) + 1.0).max(*from + STEP).min(MOST);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
fn count(commits: usize) -> f64 {
    commits as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINGLE: Duration = Duration::from_micros(250);

    /// Writes with as many waiting commits as make a batch, on a server whose batches take `fixed` and 20 µs per commit.
    fn settled(fixed: Duration) -> usize {
        let mut crossover = Crossover::new(None);
        for _ in 0..500 {
            for _ in 0..10 {
                crossover.single_took(SINGLE * 4, 4);
            }
            let size = crossover.batch_from();
            let each = Duration::from_micros(20) * u32::try_from(size).unwrap();
            crossover.batch_took(fixed + each, size, 0);
        }
        crossover.batch_from()
    }

    #[test]
    fn batches_are_as_small_as_they_pay() {
        assert!((2..=4).contains(&settled(Duration::from_micros(500))), "0.5 ms are two single commits");
        let slow = settled(Duration::from_millis(5));
        assert!((20..=25).contains(&slow), "5 ms are twenty single commits, not {slow}");
        assert!(settled(Duration::from_millis(50)) > 50);
    }

    #[test]
    fn a_slow_batch_is_followed_by_another_attempt_in_time() {
        let mut crossover = Crossover::new(None);
        crossover.single_took(SINGLE, 1);
        crossover.batch_took(Duration::from_secs(1), 60, 0);
        assert_eq!(crossover.batch_from(), 61);
        (0..3_000).for_each(|_| crossover.single_took(SINGLE, 1));
        assert_eq!(crossover.batch_from(), 2);
    }

    #[test]
    fn a_set_crossover_stays() {
        let mut crossover = Crossover::new(Some(8));
        crossover.single_took(SINGLE, 1);
        crossover.batch_took(Duration::from_secs(1), 60, 0);
        assert_eq!(crossover.batch_from(), 8);
    }
}
