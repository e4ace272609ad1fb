//! Lists of words with their frequencies, and drawing from them.

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// The source of chance: the same numbers from the same seed on every machine, whatever the version of the library.
pub type Chance = Xoshiro256PlusPlus;

/// The chance of one thing: the same for the same seed, role and number, whatever is made before it.
pub fn chance(seed: u64, role: u64, number: u64) -> Chance {
    let mut mixed = seed;
    for part in [role, number] {
        // The finisher of SplitMix64: close numbers give streams that have nothing in common.
        mixed = (mixed ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
    }
    Chance::seed_from_u64(mixed)
}

/// Whether something happens that happens so many times in a hundred.
pub fn percent(rng: &mut Chance, share: f64) -> bool {
    rng.random_bool((share / 100.0).clamp(0.0, 1.0))
}

/// A list from which things are drawn by weight.
#[derive(Clone, Debug)]
pub struct Weighted<T> {
    items: Vec<T>,
    /// Sums of the weights up to and with each item.
    sums: Vec<f64>,
}

impl<T> Weighted<T> {
    pub fn new(items: impl IntoIterator<Item = (T, f64)>) -> Self {
        let (mut all, mut sums, mut sum) = (Vec::new(), Vec::new(), 0.0);
        for (item, weight) in items.into_iter().filter(|(_, weight)| *weight > 0.0) {
            sum += weight;
            all.push(item);
            sums.push(sum);
        }
        Self { items: all, sums }
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Draws one; nothing from an empty list.
    pub fn draw(&self, rng: &mut Chance) -> Option<&T> {
        let at = rng.random::<f64>() * self.sums.last().copied().unwrap_or_default();
        let found = self.sums.partition_point(|sum| *sum <= at);
        self.items.get(found).or(self.items.last())
    }
}

/// Words by frequency.
pub type Words = Weighted<String>;

impl Words {
    /// Words divided by bars or blanks, with their weights (`ов:60`), or with those that Zipf's law gives to their ranks.
    pub fn ranked(text: &str, exponent: f64) -> Self {
        let divider = if text.contains('|') { '|' } else { ' ' };
        let words = text.split(divider).enumerate().map(|(rank, word)| match word.split_once(':') {
            Some((word, weight)) => (word.to_owned(), weight.parse().unwrap_or(1.0)),
            None => (word.to_owned(), (rank as f64 + 2.0).powf(-exponent)),
        });
        Self::new(words)
    }

    /// Words that are equally frequent, where no weights are given.
    pub fn equal(text: &str) -> Self {
        Self::ranked(text, 0.0)
    }

    /// Draws a word; an empty list gives an empty one.
    pub fn word(&self, rng: &mut Chance) -> &str {
        self.draw(rng).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_drawn_by_weight() {
        let words = Words::equal("often:9 seldom:1 never:0");
        let mut rng = chance(1, 0, 0);
        let drawn: Vec<String> = (0..2000).map(|_| words.word(&mut rng).to_owned()).collect();
        let count = |word: &str| drawn.iter().filter(|d| *d == word).count();
        assert!((1700..1900).contains(&count("often")), "{}", count("often"));
        assert_eq!(count("never"), 0);
        assert_eq!(Words::equal("").word(&mut rng), "");
    }

    #[test]
    fn chance_is_the_same_for_the_same_thing() {
        let first = |seed, role, number| chance(seed, role, number).random::<u64>();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        assert_ne!(first(1, 2, 3), first(1, 3, 2));
        // Were it to change, every archive would come out another.
        assert_eq!(first(1, 0, 0), 4_577_072_067_518_496_145);
    }
}
