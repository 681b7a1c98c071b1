//! Numbers that look random and are the same for the same title everywhere, in the web app too.

/// Mulberry32, seeded with the FNV-1a hash of a text.
#[derive(Debug, Clone)]
pub struct Chance(u32);

impl Chance {
    pub fn of(text: &str) -> Self {
        let hash = text
            .chars()
            .fold(0x811c_9dc5_u32, |hash, letter| (hash ^ u32::from(letter)).wrapping_mul(0x0100_0193));
        Self(hash)
    }

    /// From 0 to below 1.
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let mut t = self.0;
        t = (t ^ (t >> 15)).wrapping_mul(t | 1);
        t ^= t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 0x3d));
        // 24 bits are what such a number holds.
        f32::from(u16::try_from((t ^ (t >> 14)) >> 16).unwrap_or(0)) / 65_536.0
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + self.next() * (high - low)
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        let share = self.next();
        let index = (0..items.len()).rev().find(|index| part(*index, items.len()) <= share);
        items[index.unwrap_or(0)]
    }
}

/// `index` of `count`, as a fraction.
pub fn part(index: usize, count: usize) -> f32 {
    number(index) / number(count)
}

/// A count of things on a poster.
#[expect(clippy::cast_precision_loss, reason = "there are less than a hundred")]
pub fn number(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_brings_the_same_numbers() {
        let numbers = |text| {
            let mut chance = Chance::of(text);
            [chance.next(), chance.next(), chance.next()].map(f32::to_bits)
        };
        assert_eq!(numbers("Marmalade"), numbers("Marmalade"));
        assert_ne!(numbers("Marmalade"), numbers("Gangway"));
        let mut chance = Chance::of("Gangway");
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&chance.next())));
    }

    #[test]
    fn every_item_is_picked_some_time() {
        let mut chance = Chance::of("a die");
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[chance.pick(&[0, 1, 2, 3, 4, 5])] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
