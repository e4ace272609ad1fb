//! How far two words are apart, letter by letter.

/// Longest word whose letters are compared.
const LONGEST: usize = 64;

/// Half letters in a whole one, and more of them than any two alike words are apart.
const WHOLE: u8 = 2;
const FAR: i64 = 99;

/// Most half letters that a slip takes.
pub(super) const SLIP: i64 = 4;

/// What it takes to make one word of the other, in half letters: a sound for a related one is half a letter, two that
/// change places are one. More than `most` is [`FAR`].
pub(super) fn distance(one: &[u8], other: &[u8], most: i64) -> i64 {
    let (width, shorter_by) = (other.len(), one.len().abs_diff(other.len()));
    // Words whose letters are so many places apart take more than `most`.
    let band = usize::try_from(most / i64::from(WHOLE)).unwrap_or(0);
    if shorter_by > band || width >= LONGEST {
        return FAR;
    }
    let mut rows = [[u8::MAX; LONGEST]; 3];
    for (cell, n) in rows[0].iter_mut().zip(0_u8..).take(band.min(width) + 1) {
        *cell = n * WHOLE;
    }
    for (i, a) in one.iter().enumerate() {
        let [last, row, before] = &mut rows;
        *row = [u8::MAX; LONGEST];
        if i < band {
            row[0] = last[0].saturating_add(WHOLE);
        }
        let mut least_of_row = row[0];
        for j in (i + 1).saturating_sub(band).saturating_sub(1)..(i + 1 + band).min(width) {
            let b = other[j];
            let mut least = last[j].saturating_add(change(*a, b));
            least = least.min(last[j + 1].min(row[j]).saturating_add(WHOLE));
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == b {
                least = least.min(before[j - 1].saturating_add(WHOLE));
            }
            row[j + 1] = least;
            least_of_row = least_of_row.min(least);
        }
        if i64::from(least_of_row) > most + i64::from(WHOLE) {
            return FAR;
        }
        // The row before last makes room for the next.
        rows.rotate_left(1);
    }
    let apart = i64::from(rows[0][width]);
    if apart > most { FAR } else { apart }
}

/// What it takes to put one letter in place of another, for small letters.
static CHANGES: [[u8; 26]; 26] = changes();

const fn changes() -> [[u8; 26]; 26] {
    const RELATED: &[&[u8]] =
        &[b"ao", b"ei", b"ea", b"iu", b"ou", b"szjx", b"cqsx", b"ghk", b"vf", b"bp", b"dt", b"vb", b"vu", b"fp"];
    let mut changes = [[WHOLE; 26]; 26];
    let mut set = 0;
    while set < RELATED.len() {
        let letters = RELATED[set];
        let mut one = 0;
        while one < letters.len() {
            let mut other = 0;
            while other < letters.len() {
                changes[(letters[one] - b'a') as usize][(letters[other] - b'a') as usize] = 1;
                other += 1;
            }
            one += 1;
        }
        set += 1;
    }
    changes
}

fn change(one: u8, other: u8) -> u8 {
    if one == other {
        return 0;
    }
    let place = |letter: u8| usize::from(letter.wrapping_sub(b'a'));
    CHANGES.get(place(one)).and_then(|row| row.get(place(other))).copied().unwrap_or(WHOLE)
}

/// Whether one letter more, less or other, or two that changed places, make one word of four letters and more the other.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    let same = |(a, b): &(char, char)| a == b;
    let before: usize = one.chars().zip(other.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (one_left, other_left) = (&one[before..], &other[before..]);
    let behind = one_left.chars().rev().zip(other_left.chars().rev()).take_while(same);
    let behind: usize = behind.map(|(c, _)| c.len_utf8()).sum();
    let letters = |left: &str| {
        let mut letters = left[..left.len() - behind].chars();
        (letters.next(), letters.next(), letters.next())
    };
    let is_one_apart = match (letters(one_left), letters(other_left)) {
        ((Some(_), None, _), (None | Some(_), None, _)) | ((None, ..), (Some(_), None, _)) => true,
        ((Some(a), Some(b), None), (Some(c), Some(d), None)) => a == d && b == c,
        _ => false,
    };
    is_one_apart && one.chars().count().min(other.chars().count()) >= 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FAR, WHOLE, change, distance, is_slip};

    /// The same without bounds: the whole table.
    fn plain_distance(one: &[u8], other: &[u8]) -> i64 {
        let whole = i64::from(WHOLE);
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                let mut least = if i == 0 && j == 0 { 0 } else { i64::MAX };
                if i > 0 {
                    least = least.min(table[i - 1][j] + whole);
                }
                if j > 0 {
                    least = least.min(table[i][j - 1] + whole);
                }
                if i > 0 && j > 0 {
                    least = least.min(table[i - 1][j - 1] + i64::from(change(one[i - 1], other[j - 1])));
                }
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    least = least.min(table[i - 2][j - 2] + whole);
                }
                table[i][j] = least;
            }
        }
        table[one.len()][other.len()]
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_whole_table(one in "[a-eo-vx]{0,12}", other in "[a-eo-vx]{0,12}", most in 0_i64..30) {
            let apart = plain_distance(one.as_bytes(), other.as_bytes());
            let expected = if apart > most { FAR } else { apart };
            prop_assert_eq!(distance(one.as_bytes(), other.as_bytes(), most), expected);
        }

        #[test]
        fn slips_are_distances_of_one(one in "[абв]{3,7}", other in "[абв]{3,7}") {
            let expected = one.chars().count().min(other.chars().count()) >= 4
                && strsim::osa_distance(&one, &other) == 1;
            prop_assert_eq!(is_slip(&one, &other), expected);
        }

        #[test]
        fn near_words_are_told_apart_as_in_the_whole_table(word in "[a-z]{3,12}", at in 0_usize..12, letter in "[a-z]") {
            let mut other = word.clone();
            other.insert_str(at.min(word.len()), &letter);
            let apart = plain_distance(word.as_bytes(), other.as_bytes());
            prop_assert_eq!(distance(word.as_bytes(), other.as_bytes(), 4), apart);
        }
    }
}
