//! Word by word, what changed in a long text.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use utoipa::ToSchema;

/// A stretch of text that stayed, came or went. Those that are not deleted give the new text, those that are not
/// inserted the old one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextPiece {
    pub kind: PieceType,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PieceType {
    Equal,
    Insert,
    Delete,
}

/// The pieces that lead from one text to the other, in reading order.
pub fn pieces(old: &str, new: &str) -> Vec<TextPiece> {
    let mut pieces: Vec<TextPiece> = Vec::new();
    for change in TextDiff::from_words(old, new).iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => PieceType::Equal,
            ChangeTag::Insert => PieceType::Insert,
            ChangeTag::Delete => PieceType::Delete,
        };
        match pieces.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(TextPiece { kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let found = pieces("Арестован в марте 1938 года.", "Арестован 3 марта 1938 года.");
        let shown: Vec<_> = found.iter().map(|p| (p.kind, p.text.as_str())).collect();
        assert_eq!(shown.first(), Some(&(PieceType::Equal, "Арестован ")));
        assert_eq!(shown.last(), Some(&(PieceType::Equal, " 1938 года.")));
        assert!(shown.contains(&(PieceType::Delete, "в")) && shown.contains(&(PieceType::Insert, "марта")));
    }

    #[test]
    fn the_longest_texts_take_no_time() {
        // Two words in no order: nothing but chance is common to them.
        let text = |seed: u32| {
            let step = |state: &mut u32| {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some(if *state >> 31 == 0 { "a " } else { "b " })
            };
            (0..50_000).scan(seed, |state, _| step(state)).collect::<String>()
        };
        let started = std::time::Instant::now();
        assert!(!pieces(&text(1), &text(2)).is_empty());
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }

    proptest! {
        #[test]
        fn the_pieces_hold_both_texts(old in "[ab \n]{0,12}", new in "[ab \n]{0,12}") {
            let without = |kind| pieces(&old, &new).into_iter().filter(|p| p.kind != kind).map(|p| p.text).collect::<String>();
            prop_assert_eq!(without(PieceType::Insert), old.clone());
            prop_assert_eq!(without(PieceType::Delete), new.clone());
        }
    }
}
