//! Tables as text (CSV, RFC 4180), the one way to all of them. Whoever opens one may do so in a spreadsheet, which takes
//! some texts for formulas, and splits lines where its user says.

/// A cell. What is counted or measured stays a number; everything else is a text, whatever it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(i64),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Where a spreadsheet may begin a new cell, quotes or no quotes.
const SEPARATORS: [char; 5] = [',', ';', '\t', '\r', '\n'];

/// What a formula begins with. The wide ones are taken for the others in some languages.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Says that what follows is a text.
const MARK: char = '\'';

/// What a spreadsheet may leave out before it looks for a formula.
fn is_blank(c: char) -> bool {
    !SEPARATORS.contains(&c) && (c.is_whitespace() || matches!(c, '"' | '\u{feff}' | '\u{200b}'))
}

/// Puts a mark before every formula that a cell may be taken for, wherever it is split; and before every mark that stands
/// in such a place, so that [`plain`] can tell them apart.
pub fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len() + 1);
    for (n, piece) in text.split_inclusive(SEPARATORS).enumerate() {
        let start = piece.find(|c| !is_blank(c)).unwrap_or(piece.len());
        let (blank, rest) = piece.split_at(start);
        let first = rest.chars().next();
        let is_formula = first.is_some_and(|c| SIGNS.contains(&c) || c == MARK);
        // Some leave these out at the beginning of a cell.
        let is_hidden = n == 0 && first.is_some_and(|c| matches!(c, '\t' | '\r' | '\n'));
        guarded.push_str(blank);
        if is_formula || is_hidden {
            guarded.push(MARK);
        }
        guarded.push_str(rest);
    }
    guarded
}

/// The text that was guarded.
pub fn plain(guarded: &str) -> String {
    let mut plain = String::with_capacity(guarded.len());
    for piece in guarded.split_inclusive(SEPARATORS) {
        let start = piece.find(|c| !is_blank(c)).unwrap_or(piece.len());
        let (blank, rest) = piece.split_at(start);
        plain.push_str(blank);
        plain.push_str(rest.strip_prefix(MARK).unwrap_or(rest));
    }
    plain
}

/// Adds a row to a table. The row of names is one too.
///
/// # Errors
/// What the writer could not do, in a sentence.
pub fn write_row<C: Into<Cell>>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = C>) -> Result<(), String> {
    let texts = cells.into_iter().map(|cell| match cell.into() {
        Cell::Text(text) => guarded(&text),
        Cell::Number(number) => number.to_string(),
    });
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(texts).and_then(|()| Ok(writer.flush()?)).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    /// Texts of what matters, and of other letters.
    fn texts() -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            4 => select(vec!['=', '+', '-', '@', '＝', '＠', '\'', '"', ' ', '\u{a0}', '\u{feff}']),
            4 => select(vec![',', ';', '\t', '\r', '\n']),
            2 => select(vec!['a', '1', 'я', '(', '.']),
            1 => any::<char>(),
        ];
        prop::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_however_the_table_is_split(
            rows in prop::collection::vec(prop::collection::vec(texts(), 3), 1..4)
        ) {
            let mut out = Vec::new();
            write_row(&mut out, ["a", "b", "c"]).unwrap();
            for row in &rows {
                write_row(&mut out, row.iter().map(String::as_str)).unwrap();
            }
            let text = String::from_utf8(out).unwrap();
            let begins = |cell: &str| cell.chars().find(|c| !is_blank(*c)).is_some_and(|c| SIGNS.contains(&c));
            for separator in [',', ';', '\t'] {
                for cell in text.split(['\r', '\n', separator]) {
                    prop_assert!(!begins(cell), "{cell:?} of {text:?}");
                }
                let mut reader = csv::ReaderBuilder::new();
                let separator = u8::try_from(separator).unwrap();
                let reader = reader.delimiter(separator).flexible(true).has_headers(false);
                for row in reader.from_reader(text.as_bytes()).records() {
                    let row = row.unwrap();
                    prop_assert!(!row.iter().any(begins), "{row:?} of {text:?}");
                }
            }
            // And nothing is lost.
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let read: Vec<Vec<String>> =
                reader.records().map(|row| row.unwrap().iter().map(plain).collect()).collect();
            prop_assert_eq!(read, rows);
        }
    }

    #[test]
    fn texts_are_marked_where_a_formula_may_begin() {
        for (text, expected) in [
            ("plain; text, 1", "plain; text, 1"),
            ("=1", "'=1"),
            ("a;=1", "a;'=1"),
            ("a; \"-1\"", "a; \"'-1\""),
            ("\t=1", "'\t'=1"),
            ("a\n@x", "a\n'@x"),
            ("'quoted', it's", "''quoted', it's"),
            ("＝1", "'＝1"),
            ("a-b=c", "a-b=c"),
            ("", ""),
        ] {
            assert_eq!((guarded(text).as_str(), plain(expected).as_str()), (expected, text));
        }
        let mut out = Vec::new();
        write_row(&mut out, [Cell::Number(-5), "-5".into()]).unwrap();
        assert_eq!(out, b"-5,'-5\r\n");
    }
}
